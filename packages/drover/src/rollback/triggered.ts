import { sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { qualifiedName } from '../catalog/catalog.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import type { RollbackFinding } from '../ledger/rollback.ts'
import type { Plan } from '../plan/plan.ts'
import { isKnownOfRun } from '../plan/run-transactions.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, parseName, tableNode } from '../sql/nodes.ts'
import { readSchemaNames } from './way.ts'

/**
 * Rows of other tables that bear a transaction of the run: triggers of the targets wrote them. Whether they were added or
 * changed cannot be told, so they stay, and are named. Looked for only where triggers fired.
 */
export async function findTriggered(tx: Queryable, runId: string, plan: Plan): Promise<readonly RollbackFinding[]> {
  if (!plan.hazards.some(({ name }) => name === 'fires-triggers')) return []
  const targets = new Set(plan.mappings.map(({ target }) => qualifiedName(parseName(target))))
  const { tables } = await readCatalog((text, values) => tx.query(text, values), await readSchemaNames(tx))
  const findings: RollbackFinding[] = []
  for (const table of tables.filter((each) => holdsRows(each) && !targets.has(qualifiedName(each)))) {
    const [row] = await tx.query(compile(sql`select count(*) as n ${fromTriggered(table)}`.toOperationNode()), [runId])
    const n = BigInt(row!.n as string)
    if (n === 0n) continue
    const name = qualifiedName(table)
    const query = compile(sql`select t.* ${fromTriggered(table)}`.toOperationNode()).replaceAll('$1', runId)
    findings.push({
      check: 'triggered rows',
      object: name,
      verdict: 'warn',
      detail: `${n} ${n === 1n ? 'row' : 'rows'} of ${name} were written by triggers in transactions of the run, and stay. See them: ${query}`,
    })
  }
  return findings
}

function fromTriggered(table: Table) {
  return sql`from ${expressionOf(tableNode(table))} as t where ${isOfRun}`
}

/** Whether the row `t` bears a transaction of run `$1`. */
export const isOfRun = isKnownOfRun(columnOf('t', 'xmin'))

/** A partitioned table is read as a whole. Rows on other nodes bear no transaction that tells. */
function holdsRows(table: Table): boolean {
  const { kind, partitionOf } = table
  const isTold = capabilitiesOf(table).comparesVersions
  return isTold && (kind === 'table' || kind === 'partitioned') && partitionOf === null
}
