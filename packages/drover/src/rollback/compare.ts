import { type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { catalogDifferences } from '../catalog/differences.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import type { Fingerprint } from '../ledger/fingerprint.ts'
import type { RollbackFinding } from '../ledger/rollback.ts'
import { printFingerprint, takeFingerprint } from '../ledger/take-fingerprint.ts'
import { readTargetsBefore } from '../ledger/target-before.ts'
import type { Plan } from '../plan/plan.ts'
import { isFromBefore, isKnownOfRun } from '../plan/run-transactions.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, tableNode } from '../sql/nodes.ts'
import { findTriggered } from './triggered.ts'

/** I6: compares the tables and their catalog with what the run found. */
export async function compareWithStart(
  tx: Queryable,
  { runId, plan }: { readonly runId: string; readonly plan: Plan },
): Promise<readonly RollbackFinding[]> {
  return [
    ...(await compareTables(tx, runId, plan)),
    ...(await compareCatalog(tx, plan)),
    ...(await findTriggered(tx, runId, plan)),
  ]
}

async function compareTables(tx: Queryable, runId: string, plan: Plan): Promise<readonly RollbackFinding[]> {
  const findings: RollbackFinding[] = []
  for (const before of await readTargetsBefore(tx, runId)) {
    const name = qualifiedName({ schema: before.schema, name: before.table })
    const table = findTable(plan.catalog, name)!
    const head = `/* drover run ${runId} rollback fingerprint of ${name} */`
    const now = await takeFingerprint(tx, table, before.algorithm, head)
    findings.push({ check: 'fingerprint', object: name, ...(await judge(tx, runId, table, before, now)) })
  }
  return findings
}

async function judge(
  tx: Queryable,
  runId: string,
  table: Table,
  before: Fingerprint,
  now: Fingerprint,
): Promise<Pick<RollbackFinding, 'verdict' | 'detail'>> {
  const name = qualifiedName(table)
  if (printFingerprint(before) === printFingerprint(now)) {
    return { verdict: 'pass', detail: `${name} is as it was: ${now.rows} rows, fingerprint ${printFingerprint(now)}.` }
  }
  const differs = `${name} had ${before.rows} rows with fingerprint ${printFingerprint(before)} and has ${now.rows} with ${printFingerprint(now)}`
  const { since, kept } = await countOthers(tx, runId, table)
  const missing = BigInt(before.rows) - (BigInt(now.rows) - since - kept)
  // Rows that others wrote or took away meanwhile cannot be what they were.
  if (since === 0n && kept === 0n && missing <= 0n) {
    const others = capabilitiesOf(table).comparesVersions
      ? 'nobody else has written to it since the run began'
      : 'its rows bear no transaction that would tell whether others have written to it since the run began'
    return { verdict: 'fail', detail: `${differs}, and ${others}.` }
  }
  const parts = [
    ...(kept > 0n ? [`${kept} stay by decision`] : []),
    ...(since > 0n ? [`${since} were written by others since the run began`] : []),
    ...(missing > 0n ? [`${missing} of the rows from before are changed or gone`] : []),
  ]
  return { verdict: 'warn', detail: `${differs}: ${parts.join(', ')}.` }
}

/** Rows that are neither from before the run nor written by it, and rows of the run that stay. */
async function countOthers(
  tx: Queryable,
  runId: string,
  table: Table,
): Promise<{ readonly since: bigint; readonly kept: bigint }> {
  const [row] = await tx.query(othersStatement(table), [runId])
  return { since: BigInt(row!.since as string), kept: BigInt(row!.kept as string) }
}

/** Returns these as `since` and `kept`. `$1` run. */
export function othersStatement(table: Table): string {
  const xmin = columnOf('t', 'xmin')
  // Where rows do not tell who wrote them, it is known of those that were found to be in the way, and stay.
  const since = capabilitiesOf(table).comparesVersions
    ? sql`count(*) filter (where not ${isKnownOfRun(xmin)} and not ${isFromBefore(xmin)})`
    : keptBy(table, sql`c.kind in ('changed', 'added')`)
  return compile(
    sql`select ${since} as since,
  ${keptBy(table, sql`c.kind = 'needed'`)} as kept
from ${expressionOf(tableNode(table))} as t`.toOperationNode(),
  )
}

/** How many conflicts of a kind stay by decision in the table. */
function keptBy({ schema, name }: Table, isOfKind: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select count(*) from drover.conflict as c
    where c.run_id = $1::bigint and c.table_schema = ${sql.lit(schema)} and c.table_name = ${sql.lit(name)}
      and c.decision = 'keep' and ${isOfKind}
  )`
}

/** Definitions, not object ids: what was dropped and made again is another object, and the same thing. */
async function compareCatalog(tx: Queryable, { catalog }: Plan): Promise<readonly RollbackFinding[]> {
  const now = await readCatalog((text, values) => tx.query(text, values), catalog.schemas)
  const differences = catalogDifferences(catalog, now, catalog.tables.map(qualifiedName))
  if (differences.length === 0) {
    const detail = 'Tables, constraints, indexes, triggers, policies and sequences are defined as they were.'
    return [{ check: 'catalog', object: null, verdict: 'pass', detail }]
  }
  // Drover puts back what its ledger names; what differs beside it others have changed.
  return differences.map((detail) => ({ check: 'catalog', object: null, verdict: 'warn', detail: `${detail}.` }))
}
