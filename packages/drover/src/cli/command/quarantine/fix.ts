import type { Command } from 'commander'
import type { Transaction } from '../../../db/connection.ts'
import { DroverError } from '../../../error.ts'
import type { Run } from '../../../ledger/run.ts'
import { readChanges } from '../../../repair/changes.ts'
import { type Fix, fixRows } from '../../../repair/fix.ts'
import { findMendable } from '../../../repair/named-rows.ts'
import { renderRows } from '../../../report/figures.ts'
import { type FileFix, readFixFile } from '../../fix-file.ts'
import { collectWhole } from '../../flags.ts'
import type { Io } from '../../io.ts'
import { type RunFlags, readOfRun, withDatabase } from '../../named-run.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { selectionWords, withRunFlags } from '../../selection-flags.ts'

interface FixFlags extends RunFlags {
  readonly mapping?: string
  readonly file?: string
  readonly null?: readonly string[]
  readonly json?: true
}

/** Rows that are looked up in one statement. */
const namedRows = 1_000

/** Keys that the next command names at most. */
const toldKeys = 3

/** `drover quarantine fix`: values in place of those of the source. */
export function defineFix(command: Command, io: Io): void {
  withRunFlags(
    command
      .description(
        'Stores values that stand in for those of a quarantined row: the source itself is never written. They are kept with the migration, count for every mapping that reads the row, and take effect with drover quarantine retry.',
      )
      .argument('[key]', 'the source key of the row')
      .argument('[values...]', 'column=value, the value as the server reads it; column= is the empty text'),
  )
    .option('--null <column>', 'a column that is null; repeatable', collectWhole)
    .option('--file <file>', 'fixes of many rows instead: .csv, .json or .jsonl')
    .option('--json', 'what was stored as JSON: columns, no values')
    .addHelpText(
      'after',
      `
Values on the command line stay in the history of the shell and are seen in the list of processes: personal data
belongs into a file.

  .csv    what drover quarantine export --show-values writes: columns key, mapping (may be left out), source.<column>;
          an empty cell is null, "" the empty text
  .json   [{ "mapping": "vals", "key": "v1042", "values": { "value": "12.5", "date": null } }]
  .jsonl  such an object a line

Values that are as they were are left out.

Examples:
  $ drover quarantine fix v1042 value=12.5 --null date
  $ drover quarantine fix --file fixes.csv`,
    )
    .action(async (key: string | undefined, words: readonly string[], flags: FixFlags) => {
      const fixes = await readFixes(key, words, flags)
      await withDatabase(flags, io, async (db) => {
        const { run, changes } = await readOfRun(db, flags, async (tx, found) => ({
          run: found,
          changes: await readChanges(tx, found, await nameRows(tx, found, fixes)),
        }))
        if (changes.length > 0) await fixRows(db, run.id, changes)
        await tell(io, run, changes, flags)
      })
    })
}

async function readFixes(
  key: string | undefined,
  words: readonly string[],
  { mapping, file, null: nulls = [] }: FixFlags,
): Promise<readonly FileFix[]> {
  if (file !== undefined) {
    if (key !== undefined || nulls.length > 0) throw wrong('A row is named besides the file.')
    const fixes = await readFixFile(file)
    return fixes.map((fix) => ({ ...fix, mapping: fix.mapping ?? mapping }))
  }
  if (key === undefined) throw wrong('No row is named.')
  const values = [...words.map(readAssignment), ...nulls.map((column) => [column, null] as const)]
  if (values.length === 0) throw wrong(`No value is given for row ${key}.`)
  if (new Set(values.map(([column]) => column)).size < values.length) throw wrong('A column is given twice.')
  return [{ place: 'the command line', mapping, key, values: Object.fromEntries(values) }]
}

/** What stands before the first = is the column. The word is not shown: it may be a value. */
function readAssignment(word: string, i: number): readonly [string, string] {
  const at = word.indexOf('=')
  if (at < 1) throw wrong(`The value in place ${i + 1} is not written as column=value.`)
  return [word.slice(0, at), word.slice(at + 1)]
}

function wrong(what: string): DroverError {
  return new DroverError('usage-invalid', what, {
    remedy: 'Write drover quarantine fix <key> column=value, or drover quarantine fix --file fixes.csv.',
  })
}

/** The fixes with the mapping of each, also where none was named. */
async function nameRows(tx: Transaction, run: Run, fixes: readonly FileFix[]): Promise<readonly Fix[]> {
  const named: Fix[] = []
  for (const mapping of new Set(fixes.map((fix) => fix.mapping))) {
    const own = fixes.filter((fix) => fix.mapping === mapping)
    for (let i = 0; i < own.length; i += namedRows) {
      const some = own.slice(i, i + namedRows)
      const keys = some.map(({ key }) => key)
      const found = await findMendable(tx, run, mapping === undefined ? { keys } : { mapping, keys })
      const mappings = new Map(found.toReversed().map((row) => [row.key, row.mapping]))
      named.push(...some.map(({ key, values }) => ({ mapping: mappings.get(key)!, key, values })))
    }
  }
  return named
}

async function tell(io: Io, run: Run, changes: readonly Fix[], flags: FixFlags): Promise<void> {
  const rows = changes.map(({ mapping, key, values }) => ({ mapping, key, columns: Object.keys(values) }))
  const text =
    rows.length === 0
      ? 'The values are what they were: nothing was stored.'
      : `Fixes of ${renderRows(BigInt(rows.length), 'row')} are stored. They were not tried yet.`
  await writeResult(io, flags.json ? renderJsonValue({ runId: run.id, rows }) : text, undefined)
  if (flags.json || rows.length === 0) return
  const mappings = [...new Set(rows.map(({ mapping }) => mapping))]
  const words = selectionWords(run, {
    ...(mappings.length === 1 ? { mapping: mappings[0]! } : {}),
    ...(rows.length <= toldKeys ? { keys: rows.map(({ key }) => key) } : {}),
  })
  io.stderr.write(`Try them: drover quarantine retry ${words}\n`)
}
