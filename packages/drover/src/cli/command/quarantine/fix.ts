import type { Command } from 'commander'
import type { Database, Transaction } from '../../../db/connection.ts'
import { DroverError } from '../../../error.ts'
import type { Run } from '../../../ledger/run.ts'
import { readChanges } from '../../../repair/changes.ts'
import type { DryRun } from '../../../repair/dry-run.ts'
import { type Fix, fixRows } from '../../../repair/fix.ts'
import { findMendable } from '../../../repair/named-rows.ts'
import { renderRows } from '../../../report/figures.ts'
import { selectionWords } from '../../../report/selection-words.ts'
import { renderDryRun } from '../../dry-run-text.ts'
import { exitCodes } from '../../exit.ts'
import { type FileFix, readFixFile } from '../../fix-file.ts'
import { collectWhole } from '../../flags.ts'
import type { Io } from '../../io.ts'
import { requireMigrationFile } from '../../load-migration.ts'
import { type RunFlags, readOfRun, withDatabase } from '../../named-run.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { withRunFlags } from '../../selection-flags.ts'

interface FixFlags extends RunFlags {
  readonly mapping?: string
  readonly file?: string
  readonly null?: readonly string[]
  readonly dryRun?: true
  readonly migration?: string
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
    .option('--dry-run', 'tells what would become of the rows with drover quarantine retry, and keeps nothing')
    .option('--migration <file>', 'for --dry-run: the migration file, where the plan runs JavaScript')
    .option('--json', 'what was stored, or would become of it, as JSON: columns, no values')
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

Exit codes: 0 done, 1 failed, 2 the call was wrong, 3 --dry-run: rows would still be quarantined.

Examples:
  $ drover quarantine fix v1042 value=12.5 --null date
  $ drover quarantine fix --file fixes.csv --dry-run`,
    )
    .action(async (key: string | undefined, words: readonly string[], flags: FixFlags) => {
      if (flags.migration !== undefined) {
        if (!flags.dryRun)
          throw wrong('--migration is read with --dry-run alone.', 'Add --dry-run, or leave --migration out.')
        await requireMigrationFile(flags.migration)
      }
      const fixes = await readFixes(key, words, flags)
      await withDatabase(flags, io, async (db) => {
        const { run, named, changes } = await readOfRun(db, flags, async (tx, found) => {
          const rows = await nameRows(tx, found, fixes)
          return { run: found, named: rows, changes: await readChanges(tx, found, rows) }
        })
        if (flags.dryRun) return tellDryRun(io, await tryOut(db, run, { named, changes }, flags), flags)
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
    if (key !== undefined || nulls.length > 0)
      throw wrong('A row is named besides the file.', 'Name the row, or give the file.')
    const fixes = await readFixFile(file)
    return fixes.map((fix) => ({ ...fix, mapping: fix.mapping ?? mapping }))
  }
  if (key === undefined) throw wrong('No row is named.')
  const values = [...words.map(readAssignment), ...nulls.map((column) => [column, null] as const)]
  if (values.length === 0) throw wrong('No value is given for the row.')
  if (new Set(values.map(([column]) => column)).size < values.length) throw wrong('A column is given twice.')
  return [{ place: 'the command line', mapping, key, values: Object.fromEntries(values) }]
}

/** What stands before the first = is the column. The word is not shown: it may be a value. */
function readAssignment(word: string, i: number): readonly [string, string] {
  const at = word.indexOf('=')
  if (at < 1) throw wrong(`The value in place ${i + 1} is not written as column=value.`)
  return [word.slice(0, at), word.slice(at + 1)]
}

function wrong(
  what: string,
  remedy = 'Write drover quarantine fix <key> column=value, or drover quarantine fix --file fixes.csv.',
): DroverError {
  return new DroverError('usage-invalid', what, { remedy })
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

/** A row with nothing changed is tried as it stands: as the retry would. */
async function tryOut(
  db: Database,
  run: Run,
  { named, changes }: { readonly named: readonly Fix[]; readonly changes: readonly Fix[] },
  { migration }: FixFlags,
): Promise<DryRun> {
  // The planner is half of the program: it is loaded where it is needed.
  const { functionsOfRun } = await import('../../functions-of-file.ts')
  const { tryFixes } = await import('../../../repair/dry-run.ts')
  const changed = new Map(changes.map((fix) => [JSON.stringify([fix.mapping, fix.key]), fix]))
  const rows = named.map(({ mapping, key }) => changed.get(JSON.stringify([mapping, key])) ?? { mapping, key })
  return tryFixes(db, run.id, rows, await functionsOfRun(run, migration))
}

async function tellDryRun(io: Io, outcome: DryRun, flags: FixFlags): Promise<void> {
  await writeResult(io, flags.json ? renderJsonValue(outcome) : renderDryRun(outcome), undefined)
  if (!flags.json) io.stderr.write('Nothing was kept. To store the fixes, give the command without --dry-run.\n')
  const left = outcome.rows.some(({ disposition }) => disposition === 'quarantined')
  io.finish(left ? exitCodes.quarantined : exitCodes.done)
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
