import type { Queryable, Row } from '../db/connection.ts'
import type { RowFunction } from '../define/compute.ts'
import { DroverError } from '../error.ts'
import type { Chunk } from '../ledger/chunk.ts'
import { inPartitions } from '../plan/partitions.ts'
import type { ComputePlan, MappingPlan, Plan } from '../plan/plan.ts'

/** The row functions of a migration, by mapping. A plan holds none: it is data. */
export type RowFunctions = ReadonlyMap<string, RowFunction>

/** @throws DroverError `function-missing` naming the mappings whose function is not at hand. */
export function requireFunctions(plan: Plan, functions: RowFunctions): void {
  const missing = plan.mappings.filter(({ name, compute }) => compute !== null && !functions.has(name))
  if (missing.length > 0) throw missingFunctions(missing)
}

function missingFunctions(mappings: readonly MappingPlan[]): DroverError {
  return new DroverError('function-missing', 'The plan needs functions that only the migration file holds.', {
    where: mappings.map(({ name }) => `mapping ${name}`).join(', '),
    remedy:
      'Give the migration file too: drover run migration.ts --plan plan.json, drover resume migration.ts, or drover quarantine retry migration.ts.',
  })
}

/**
 * Calls the mapping's row function with the rows of one chunk, and returns what it made as the chunk statement's fifth
 * parameter: a JSON array of objects. Rows pass through this process only here, and are gone with the chunk.
 *
 * @throws DroverError `compute-failed`. What the function threw is not shown: its message may quote a row (I8).
 */
export async function computeRows(
  tx: Queryable,
  mapping: MappingPlan,
  chunk: Chunk,
  functions: RowFunctions,
): Promise<string> {
  const bounds = [chunk.lower, chunk.upper] as const
  const statement = inPartitions(mapping, mapping.compute!.statement, bounds)
  return callFunction(mapping, await tx.query(statement, bounds), functions)
}

/**
 * The same for rows that were read already.
 *
 * @throws DroverError `compute-failed`, or `function-missing` where there are rows and no function.
 */
export async function callFunction(
  mapping: MappingPlan,
  rows: readonly Row[],
  functions: RowFunctions,
): Promise<string> {
  const plan = mapping.compute!
  const given = rows.map((row) => {
    const reads = row.reads as readonly (string | null)[]
    return Object.fromEntries(plan.reads.map((name, i) => [name, reads[i] ?? null]))
  })
  if (given.length > 0 && !functions.has(mapping.name)) throw missingFunctions([mapping])
  const results = given.length === 0 ? [] : await call(functions.get(mapping.name)!, given, mapping.name)
  if (results.length !== rows.length) {
    throw failed(mapping.name, `it was given ${rows.length} rows and returned ${results.length} results`)
  }
  const computed = results.map((result, i) => ({
    source_key: rows[i]!.source_key,
    ...readResult(result, plan, mapping),
  }))
  return JSON.stringify(computed)
}

async function call(rowFunction: RowFunction, rows: Parameters<RowFunction>[0], mapping: string) {
  try {
    return await rowFunction(rows)
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : undefined
    const place = error?.stack
      ?.split('\n')
      .find((line) => /^\s+at /.test(line))
      ?.trim()
    throw failed(mapping, `it threw ${error?.name ?? typeof thrown}${place === undefined ? '' : ` ${place}`}`)
  }
}

/** The values of one row as JSON; bytes as the hexadecimal text that the server reads. */
function readResult(result: Readonly<Record<string, unknown>>, plan: ComputePlan, mapping: MappingPlan) {
  if ('refused' in result && !('refused' in plan.writes)) {
    if (plan.refusals.includes(String(result.refused))) return { _refused: result.refused }
    throw failed(mapping.name, 'it refused a row with a code that `refusals` does not list')
  }
  return Object.fromEntries(
    Object.entries(plan.writes).map(([name, type]) => {
      const value = result[name]
      if (value === undefined) throw failed(mapping.name, `its result has no ${name}`)
      if (value === null || type !== 'bytea') return [name, value]
      if (!(value instanceof Uint8Array)) throw failed(mapping.name, `${name} is not a Uint8Array`)
      return [name, `\\x${Buffer.from(value).toString('hex')}`]
    }),
  )
}

function failed(mapping: string, why: string): DroverError {
  return new DroverError('compute-failed', `The row function of mapping ${mapping} failed.`, {
    where: `mapping ${mapping}, compute`,
    why,
    remedy: 'Mend the function, or let it refuse such rows with a code of `refusals`; then resume.',
  })
}
