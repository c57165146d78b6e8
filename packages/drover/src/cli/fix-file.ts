import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { DroverError } from '../error.ts'

/** What a file says about one row. */
export interface FileFix {
  /** Where it stands in the file, as a message names it: `line 3`. */
  readonly place: string
  /** Undefined where the file leaves it to the key. */
  readonly mapping: string | undefined
  readonly key: string
  readonly values: Readonly<Record<string, string | null>>
}

/** What one form of file makes of a text. What is wrong is listed, without a value. */
export type ParseFixes = (text: string) => { readonly fixes: readonly FileFix[]; readonly mistakes: readonly string[] }

/** Mistakes that are told at most. */
const toldMistakes = 10

/**
 * Reads fixes from a file named .csv, .json or .jsonl, in UTF-8.
 *
 * @throws DroverError `usage-invalid`, with all that is wrong and where.
 */
export async function readFixFile(file: string): Promise<readonly FileFix[]> {
  const parse = await parserOf(file)
  const bytes = await readFile(resolve(file)).catch((thrown: NodeJS.ErrnoException) => {
    throw unusable(file, 'The file of fixes could not be read.', { why: thrown.code, remedy: 'Check the path.' })
  })
  const { fixes, mistakes } = parse(decode(bytes, file))
  const all = [...mistakes, ...repetitions(fixes)]
  if (all.length > 0) {
    const more = all.length - toldMistakes
    throw unusable(file, 'The file of fixes cannot be understood.', {
      findings: [...all.slice(0, toldMistakes), ...(more > 0 ? [`and ${more} more`] : [])],
      remedy: 'Correct it; drover quarantine fix --help shows the forms. Nothing was stored.',
    })
  }
  return fixes
}

/** A parser is loaded when a file needs it. */
async function parserOf(file: string): Promise<ParseFixes> {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return (await import('./fix-csv.ts')).parseCsvFixes
    case '.json':
      return (await import('./fix-json.ts')).parseJsonFixes
    case '.jsonl':
      return (await import('./fix-json.ts')).parseJsonLinesFixes
    default:
      throw unusable(file, 'The form of the file of fixes is not known.', { remedy: 'Name it .csv, .json or .jsonl.' })
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unusable(file, 'The file of fixes is not in UTF-8.', { remedy: 'Save it as UTF-8: values would be garbled.' })
  }
}

function repetitions(fixes: readonly FileFix[]): readonly string[] {
  const first = new Map<string, string>()
  const named = fixes.filter(({ key }) => key !== '')
  return named.flatMap(({ place, mapping, key }) => {
    const row = JSON.stringify([mapping ?? null, key])
    const before = first.get(row)
    if (before === undefined) first.set(row, place)
    return before === undefined ? [] : [`${place}: the row stands at ${before} already`]
  })
}

function unusable(
  file: string,
  what: string,
  details: { why?: string | undefined; remedy: string; findings?: readonly string[] },
) {
  return new DroverError('usage-invalid', what, { where: file, ...details })
}
