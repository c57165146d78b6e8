import { shellWord } from './shell-word.ts'

/** Rows of a run, in the words of a command line: the parts that are given. */
export interface SelectedWords {
  readonly mapping?: string
  readonly codes?: readonly string[]
  readonly keys?: readonly string[]
}

/** The words that select the same rows of a run in another command, for a POSIX shell. */
export function selectionWords(
  run: { readonly id: string },
  { mapping, codes = [], keys = [] }: SelectedWords,
): string {
  return [
    ...['--run', run.id],
    ...(mapping === undefined ? [] : ['--mapping', mapping]),
    ...codes.flatMap((code) => ['--code', code]),
    ...keys.flatMap((key) => ['--key', key]),
  ]
    .map(shellWord)
    .join(' ')
}
