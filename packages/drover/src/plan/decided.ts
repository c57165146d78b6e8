import { type OperationNode, sql } from 'kysely'
import { type ComputeDefinition, refusalColumn } from '../define/compute.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { annotationsIn } from '../sql/annotation.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { groupValuesOf } from './late.ts'
import { ledgerTables } from './plan.ts'

/** Whether merges, matches or values of a group are decided before the first chunk. */
export function isResolved({ kind, identity, match, columns }: MappingDefinition): boolean {
  return kind !== 'evolve' && (identity !== undefined || match !== undefined || groupValuesOf(columns).size > 0)
}

/** Whether source rows share a target row, if only some of the duplicates. */
export function mergesRows({ identity }: MappingDefinition): boolean {
  return identity !== undefined && (identity.quarantine === undefined || identity.agree.length > 0)
}

/** What the resolve step decided about the row, where it decided anything. */
export function resolutionJoin(mapping: MappingDefinition, key: OperationNode): OperationNode {
  const table = expressionOf(tableNode(ledgerTables.resolution(mapping.name)))
  return sql`left join ${table} as resolution on resolution.source_key = ${expressionOf(key)} collate "C"`.toOperationNode()
}

/** What the function made of the row, from the statement's fifth parameter: an array of objects, one a row. */
export function computedJoin(compute: ComputeDefinition, key: OperationNode): OperationNode {
  const column = (name: string, type: string) => sql`${expressionOf(identifier(name))} ${sql.raw(type)}`
  const columns = [
    column('source_key', 'text'),
    column(refusalColumn, 'text'),
    ...Object.entries(compute.writes).map(([name, type]) => column(name, type)),
  ]
  return sql`left join jsonb_to_recordset($5::jsonb) as computed (${sql.join(columns)}) on computed.source_key = ${expressionOf(key)}`.toOperationNode()
}

/** Whether a condition reads a value that the function in JavaScript made, and not only whether it refused the row. */
export function readsComputed(root: unknown): boolean {
  return annotationsIn(root).some((annotation) => annotation.kind === 'computed' && annotation.column !== refusalColumn)
}
