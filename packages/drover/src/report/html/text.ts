import { renderCount } from '../figures.ts'
import { showInvisible } from '../invisible.ts'
import { type Html, html, type Part } from './markup.ts'

// Names, keys and sentences come from databases: they may hold anything, and be of any length.

/** Characters of a name or key, and of a sentence, that are shown. */
const shownOfName = 120
const shownOfSentence = 1_000

/** A longer name may be broken anywhere. */
const shortName = 40

/** A name of fewer characters is not broken at all. */
const longWord = 16

/** A name or key as code. An empty one and blanks at its ends are seen. */
export function name(text: string): Html {
  if (text === '') return html`<code class="empty">empty</code>`
  const { shown, length } = cut(text, shownOfName)
  return html`<code${length > shortName && html` class="long"`}>${breakable(showInvisible(shown).replace(/^ | $/g, '␠'))}</code>${lengthOf(shown, length)}`
}

/** Where it is too long for its place, a name ends a line after a point or an underscore. */
function breakable(text: string): Part {
  if (text.length < longWord) return text
  return text.split(/(?<=[._])(?=[^._])/).map((part, i) => (i === 0 ? part : html`<wbr>${part}`))
}

/** The same of a name that may be missing. */
export function nameOrDash(text: string | null): Html {
  return text === null ? dash : name(text)
}

/** Names or keys as a list; a dash where there is none. */
export function names(texts: readonly string[]): Html {
  return texts.length === 0 ? dash : html`${texts.map((text, i) => html`${i === 0 ? '' : ', '}${name(text)}`)}`
}

/** A sentence that may hold names. */
export function sentence(text: string): Html {
  const { shown, length } = cut(text, shownOfSentence)
  return html`${showInvisible(shown)}${lengthOf(shown, length)}`
}

/** What is said where there is nothing to show, or beside what is shown. */
export function remark(content: Part): Html {
  return html`<p class="soft">${content}</p>`
}

/** What stands where nothing is known. */
export const dash = html`–`

/** Cut between characters, never within one. */
function cut(text: string, most: number): { readonly shown: string; readonly length: number } {
  const shown = text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
  return { shown, length: text.length }
}

function lengthOf(shown: string, length: number): Html | false {
  return shown.length < length && html`<span class="soft">… (${renderCount(length)} characters)</span>`
}
