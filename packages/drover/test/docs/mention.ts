import type { Page } from './page.ts'

/** A command that a page names in its text, as `` `drover run migration.ts --allow …` ``. */
export interface Mention {
  readonly line: number
  /** What the mention may be called as: one for each choice that brackets leave. */
  readonly calls: readonly string[]
}

/** The commands that a page names in code within its text. */
export function mentionsOf({ prose }: Page): readonly Mention[] {
  return prose.split('\n').flatMap((text, i) =>
    [...text.matchAll(/(?<!`)`((?:npx )?(?:drover|npm run) [^`]+)`(?!`)/g)].map(([, code]) => ({
      line: i + 1,
      calls: choicesOf(code!.replaceAll('\\|', '|')),
    })),
  )
}

/** `plan [--sql | --json]` is `plan`, `plan --sql` and `plan --json`. */
function choicesOf(usage: string): readonly string[] {
  const [, before, inside, after] = /^(.*?)\[([^\]]*)\](.*)$/.exec(usage) ?? []
  if (inside === undefined) return [usage]
  return ['', ...inside.split('|')].flatMap((choice) => choicesOf(`${before}${choice.trim()}${after}`))
}

/**
 * Whether a refusal is for what a mention leaves out, which is no mistake in a text: an argument, or a value that is
 * `…`.
 */
export function isForOmission(refusal: string): boolean {
  return /^error: (?:missing required argument|required option|option '.*' argument missing)|argument '…' is invalid/.test(
    refusal,
  )
}
