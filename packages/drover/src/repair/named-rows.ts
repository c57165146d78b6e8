import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import type { Run } from '../ledger/run.ts'
import { isSelected, repairStatement } from './selected.ts'
import type { Selection } from './selection.ts'

/** Keys that a message names at most. */
const toldKeys = 5

/** A row by the mapping that reads it and by its source key. */
export interface NamedRow {
  readonly mapping: string
  readonly key: string
}

/**
 * The quarantined rows that keys mean. One source row may stand in the quarantine of several mappings: then all of them
 * are meant.
 *
 * @throws DroverError `row-missing` naming the keys that are not there, `key-ambiguous` where a key stands for rows of
 * different sources.
 */
export async function findQuarantined(
  tx: Queryable,
  run: Run,
  selection: Selection & { readonly keys: readonly string[] },
): Promise<readonly NamedRow[]> {
  requireMapping(run, selection.mapping)
  const rows = await tx.query(
    repairStatement(
      run.id,
      'quarantine find',
      sql`select quarantine.mapping, quarantine.source_key
from drover.quarantine
join drover.step on step.run_id = quarantine.run_id and step.mapping = quarantine.mapping
where ${isSelected(run.id, selection)}
order by step.position, quarantine.source_key`,
    ),
  )
  const found = rows.map((row) => ({ mapping: row.mapping as string, key: row.source_key as string }))
  requireAll(run, found, selection, 'quarantined', 'drover quarantine list')
  return found
}

/**
 * The rows that keys mean which a fix can help: those in quarantine, and merged ones, which an unmerge reads again.
 *
 * @throws DroverError as {@link findQuarantined}.
 */
export async function findMendable(
  tx: Queryable,
  run: Run,
  selection: Pick<Selection, 'mapping'> & { readonly keys: readonly string[] },
): Promise<readonly NamedRow[]> {
  requireMapping(run, selection.mapping)
  const rows = await tx.query(
    repairStatement(
      run.id,
      'quarantine find',
      sql`select row.mapping, row.source_key
from (
  select quarantine.mapping, quarantine.source_key
  from drover.quarantine
  where ${isSelected(run.id, selection)}
  union
  select quarantine.mapping, quarantine.source_key
  from drover.merge as quarantine
  where ${isSelected(run.id, selection)}
) as row
join drover.step on step.run_id = ${sql.lit(run.id)} and step.mapping = row.mapping
order by step.position, row.source_key`,
    ),
  )
  const found = rows.map((row) => ({ mapping: row.mapping as string, key: row.source_key as string }))
  requireAll(run, found, selection, 'quarantined', 'drover quarantine list')
  return found
}

/** @throws DroverError `usage-invalid` where the run has no mapping of that name. */
export function requireMapping(run: Run, mapping: string | undefined): void {
  if (mapping === undefined || run.plan.mappings.some(({ name }) => name === mapping)) return
  throw new DroverError('usage-invalid', `Run ${run.id} has no mapping ${mapping}.`, {
    remedy: `Its mappings are ${run.plan.mappings.map(({ name }) => name).join(', ')}.`,
  })
}

/**
 * Makes sure that each key was found, and that all that was found of it is one row of one source.
 *
 * @throws DroverError `row-missing` or `key-ambiguous`.
 */
export function requireAll(
  run: Run,
  found: readonly NamedRow[],
  { mapping, keys }: { readonly mapping?: string; readonly keys: readonly string[] },
  what: 'quarantined' | 'merged',
  command: string,
): void {
  const missing = [...new Set(keys)].filter((key) => !found.some((row) => row.key === key))
  if (missing.length > 0) {
    throw new DroverError('row-missing', `Run ${run.id} has no ${what} row ${listKeys(missing)}.`, {
      ...(mapping === undefined ? {} : { where: `mapping ${mapping}` }),
      remedy: `See those that it has: ${command} --run ${run.id}.`,
    })
  }
  for (const key of new Set(keys)) {
    const mappings = found.filter((row) => row.key === key).map((row) => row.mapping)
    if (new Set(mappings.map((name) => sourceOf(run, name))).size < 2) continue
    throw ambiguous(key, mappings, what)
  }
}

/** What is told where a key stands for rows of several mappings, and only one can be meant. */
export function ambiguous(key: string, mappings: readonly string[], what: 'quarantined' | 'merged'): DroverError {
  return new DroverError('key-ambiguous', `The key ${key} stands for ${what} rows of several mappings.`, {
    where: mappings.map((name) => `mapping ${name}`).join(', '),
    remedy: `Say which one is meant: --mapping ${mappings[0]}.`,
  })
}

/** What tells whether the same key of two mappings is the same row: the table whose key it is, or else the mapping alone. */
function sourceOf({ plan }: Run, mapping: string): string {
  const origin = plan.mappings.find(({ name }) => name === mapping)?.origin
  return origin?.sharesKey ? `table ${origin.relation}` : `mapping ${mapping}`
}

function listKeys(keys: readonly string[]): string {
  const more = keys.length - toldKeys
  return `${keys.slice(0, toldKeys).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
