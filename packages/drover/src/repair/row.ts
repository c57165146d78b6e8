import { type RawBuilder, sql } from 'kysely'
import type { Queryable, Row } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { sourceColumns } from '../plan/source-columns.ts'
import { type Cell, cellsOf, readCells, type Sight, sightOf } from './cells.ts'
import { type Dependents, readDependents } from './dependents.ts'
import { fixOfRow, fixWaits } from './fix-of-row.ts'
import type { NamedRow } from './named-rows.ts'
import { isSelected, repairStatement } from './selected.ts'

/** All that is known of a quarantined row. Times are as the server prints them in UTC. */
export interface QuarantinedRow extends NamedRow {
  readonly code: string
  /** In order; the first one gave the code. */
  readonly reasons: readonly Reason[]
  /** Of the server's error, where that set the row aside. */
  readonly sqlstate: string | null
  readonly setAsideAt: string
  /** An int8, as text. */
  readonly chunk: string
  /** Null where the row was gone when it was set aside. */
  readonly original: readonly Cell[] | null
  /** Columns that are not in the ledger. */
  readonly secret: readonly string[]
  readonly fix: RowFix | null
  readonly acceptance: Acceptance | null
  readonly dependents: readonly Dependents[]
}

/** Why a row was set aside. */
export interface Reason {
  readonly code: string
  readonly column: string | null
  readonly table?: string
  readonly constraint?: string
}

/** Values that stand in for those of the source. */
export interface RowFix {
  readonly values: readonly Cell[]
  readonly at: string
  readonly by: string
  /** The row was not tried with it yet. */
  readonly waits: boolean
}

/** The decision that a row stays out. */
export interface Acceptance {
  readonly at: string
  readonly by: string
  readonly why: string
}

/** A quarantined row, its values masked unless they are asked for; undefined where it is not in quarantine. */
export async function readQuarantinedRow(
  tx: Queryable,
  run: Run,
  { mapping, key }: NamedRow,
  { showsValues }: Pick<Sight, 'showsValues'>,
): Promise<QuarantinedRow | undefined> {
  const sight = sightOf(run.plan, mapping, showsValues)
  const [row] = await tx.query(
    repairStatement(run.id, `${mapping} quarantine show`, rowQuery(run, { mapping, key }, sight)),
  )
  if (row === undefined) return undefined
  const order = sourceColumns(run.plan, mapping)
  return {
    mapping,
    key,
    code: row.code as string,
    reasons: row.reasons as readonly Reason[],
    sqlstate: row.sqlstate as string | null,
    setAsideAt: row.set_aside_at as string,
    chunk: row.chunk as string,
    original: row.original === null ? null : readCells(row.original, sight, order),
    secret: run.plan.mappings.find(({ name }) => name === mapping)!.secret,
    fix: row.fixed_at === null ? null : readFix(row, sight, order),
    acceptance: row.accepted_at === null ? null : readAcceptance(row),
    dependents: await readDependents(tx, run, mapping, key),
  }
}

function rowQuery(run: Run, { mapping, key }: NamedRow, sight: Sight): RawBuilder<unknown> {
  return sql`select quarantine.code, quarantine.reasons, quarantine.sqlstate, quarantine.set_aside_at, quarantine.chunk,
  quarantine.accepted_at, quarantine.accepted_by, quarantine.accepted_why, fix.fixed_at, fix.fixed_by, ${fixWaits} as fix_waits,
  ${cellsOf(sql`quarantine.original`, sight)} as original,
  ${cellsOf(sql`fix.patch`, sight)} as patch
from drover.quarantine
${fixOfRow(run)}
where ${isSelected(run.id, { mapping, keys: [key] })}`
}

function readFix(row: Row, sight: Sight, order: readonly string[]): RowFix {
  return {
    values: readCells(row.patch, sight, order),
    at: row.fixed_at as string,
    by: row.fixed_by as string,
    waits: row.fix_waits as boolean,
  }
}

function readAcceptance(row: Row): Acceptance {
  return { at: row.accepted_at as string, by: row.accepted_by as string, why: row.accepted_why as string }
}
