import { sql } from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { readMigration } from './build.ts'
import { judged, scoped } from './foresee.ts'
import { emptyCrosswalk } from './foresee-closed.ts'
import { foreseenRows } from './foreseen.ts'
import { type MappingParts, rowNames } from './row.ts'

/** A statement that is made to be planned by the server alone: nothing of it is ever carried out. */
export interface ExecutionProbe {
  readonly mapping: string
  readonly statement: string
}

/**
 * For each mapping whose target lies on the nodes of a cluster: the writing part of its chunk, over the rows as the
 * chunk makes them. Relations without rows stand for the crosswalks, which are not there before the run. None for other
 * migrations.
 */
export function executionProbes(definition: MigrationDefinition, catalog: Catalog): readonly ExecutionProbe[] {
  const { all } = readMigration(definition, catalog, false, [])
  return all
    .filter(({ target }) => target.distribution !== undefined)
    .map((parts) => ({ mapping: parts.mapping.name, statement: probe(judged(parts), all) }))
}

function probe(parts: MappingParts, all: readonly MappingParts[]): string {
  const { relations, name } = foreseenRows(parts, 'probe')
  const others = all.filter((other) => other.mapping.name !== parts.mapping.name)
  const target = expressionOf(tableNode(parts.target))
  const of = (alias: string, column: string) => expressionOf(columnNode(alias, column))
  const id = (column: string) => expressionOf(identifier(column))
  const columns = parts.targetColumns.map((column) => column.name)
  const isSame = parts.targetKey.map(
    (column) => sql`${of('t', column.name)} = ${of(name, `${rowNames.existing}${column.name}`)}`,
  )
  const write =
    parts.mapping.kind === 'evolve'
      ? sql`update ${target} as t
set ${sql.join(columns.map((column) => sql`${id(column)} = ${of(name, column)}`))}
from ${id(name)}
where ${sql.join(isSame, sql` and `)}`
      : sql`insert into ${target} (${sql.join(columns.map(id))})${isNumbered(parts) ? sql` overriding system value` : sql``}
select ${sql.join(columns.map(id))}
from ${id(name)}
where ${of(name, rowNames.disposition)} = 'loaded'`
  const made = scoped(new Map(), [...others.map(emptyCrosswalk), ...relations])
  return compile(sql`with ${sql.join(made, sql.raw(',\n'))}\n${write}`.toOperationNode())
}

function isNumbered({ targetColumns }: MappingParts): boolean {
  return targetColumns.some(({ identity }) => identity === 'always')
}
