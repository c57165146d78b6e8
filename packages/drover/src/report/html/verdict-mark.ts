import { type Html, html } from './markup.ts'

/** How something came out. `none`: nobody looked, or it is too early to tell. */
export type Tone = 'pass' | 'warn' | 'fail' | 'none'

/** What stands beside the word of a tone, for whoever does not see colours. */
export const signs: Readonly<Record<Tone, string>> = { pass: '✓', warn: '!', fail: '✕', none: '–' }

/** A verdict by its word and a sign; the colour says the same once more, for those who see it. */
export function verdictMark(tone: Tone, word: string): Html {
  return html`<span class="mark mark-${tone}"><span class="sign" aria-hidden="true">${signs[tone]}</span> ${word}</span>`
}

/** The tone of a verdict by its word. */
export function toneOf(verdict: 'pass' | 'warn' | 'fail' | 'not run'): Tone {
  return verdict === 'not run' ? 'none' : verdict
}
