import { type RawBuilder, sql } from 'kysely'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import {
  column,
  existingColumns,
  id,
  inlined,
  madeColumns,
  materialized,
  named,
  once,
  resolutionName,
  rowsName,
  setAside,
  storedSource,
  survivorColumn,
} from './foreseen-columns.ts'
import { guardPlan, ownedGuards } from './guards.ts'
import { isLate } from './late.ts'
import { isMadeOnce, madeOnce } from './made-once.ts'
import type { GuardPlan } from './plan.ts'
import { resolveQuery } from './resolve.ts'
import { fromLines, type MappingParts, rowNames, transformRow } from './row.ts'
import { orphanColumn, orphanColumns, referencesOf, type SourceReference } from './source-references.ts'

/** The rows of a mapping as a run would make them, as relations of one statement. */
export interface ForeseenRows {
  readonly relations: readonly RawBuilder<unknown>[]
  /** The relation that holds them: {@link rowNames}, and the columns of the target that the mapping fills. */
  readonly name: string
  /** The numbers in `reasons`, from 1. */
  readonly quarantines: readonly GuardPlan[]
  /** Told in the columns of {@link orphanColumn}. */
  readonly references: readonly SourceReference[]
  /** The numbers in `logged`, from 1, and whether duplicates are logged too. */
  readonly logs: readonly (GuardPlan & { readonly ofDuplicates: boolean })[]
}

/** A duplicate whose survivor is set aside after all is told so, under no column. */
const lostSurvivor = 'survivor-quarantined'

/**
 * The rows of a mapping. Where duplicates are told apart by what the row itself holds, each row is made once, and what a
 * run decides before its first chunk is decided over the rows that were made; elsewhere it is made for either.
 */
export function foreseenRows(parts: MappingParts, form: 'check' | 'probe' = 'check'): ForeseenRows {
  if (form === 'probe') return madeTwice(parts, [])
  const references = referencesOf(parts)
  return isMadeOnce(parts) ? madeOnce(parts, references) : madeTwice(parts, references)
}

function madeTwice(parts: MappingParts, references: readonly SourceReference[]): ForeseenRows {
  const row = transformRow(parts, 'chunk')
  const name = rowsName(parts)
  const resolution = resolveQuery(parts)
  const relations = [
    ...storedSource(parts),
    ...(resolution === null ? [] : [materialized(resolutionName(parts), once(resolution))]),
  ]
  const simple = parts.mapping.kind === 'evolve' ? sql`'matched'` : sql`'loaded'`
  const fallback = isResolved(parts.mapping) ? sql`coalesce(resolution.disposition, ${simple})` : simple
  const columns = [
    ...madeColumns(row),
    ...orphanColumns(row, references),
    named(sql`coalesce(${setAside(row)}, ${fallback})`, rowNames.disposition),
    ...existingColumns(parts, (column) => columnNode('resolution', column)),
  ]
  const made = sql`  select
    ${sql.join(columns, sql.raw(',\n    '))}
  ${expressionOf(fromLines(parts, row))}`
  const quarantines = row.quarantines.map(guardPlan)
  const logs = row.logs.map((guard) => ({ ...guardPlan(guard), ofDuplicates: guard.ofDuplicates }))
  if (!mayLoseSurvivors(parts))
    return { relations: [...relations, materialized(name, made)], name, quarantines, references, logs }
  const before = `${name}_before`
  return {
    relations: [
      ...relations,
      materialized(before, made),
      inlined(name, withoutLost(parts, before, references, quarantines.length + 1)),
    ],
    name,
    quarantines: [...quarantines, { column: '', code: lostSurvivor, outcome: 'quarantine' }],
    references,
    logs,
  }
}

/** Duplicates whose survivor was not loaded after all are set aside, as the run does before it closes the mapping. */
function withoutLost(
  parts: MappingParts,
  before: string,
  references: readonly SourceReference[],
  reason: number,
): RawBuilder<unknown> {
  const of = (name: string) => column('t', name)
  const isLost = sql`${of(rowNames.disposition)} = 'merged' and ${column('survivor', rowNames.disposition)} not in ('loaded', 'matched')`
  const kept = [
    rowNames.key,
    ...parts.targetColumns.map(({ name }) => name),
    ...references.map((_, i) => orphanColumn(i)),
    rowNames.logged,
    survivorColumn,
    ...parts.targetKey.map(({ name }) => `${rowNames.existing}${name}`),
  ].map(of)
  return sql`  select ${sql.join(kept)},
    case when ${isLost} then 'quarantined' else ${of(rowNames.disposition)} end as ${id(rowNames.disposition)},
    case when ${isLost} then array[${sql.lit(reason)}] else ${of(rowNames.reasons)} end as ${id(rowNames.reasons)}
  from ${id(before)} as t
  left join ${id(before)} as survivor on survivor.${id(rowNames.key)} = ${of(survivorColumn)} collate "C"
    and ${of(rowNames.disposition)} = 'merged'`
}

/** A guard that sets the row aside and waits for a value of the group is judged in the chunk alone. */
function mayLoseSurvivors({ mapping, targetColumns }: MappingParts): boolean {
  if (mapping.identity === undefined) return false
  const guards = ownedGuards(targetColumns.map(({ name }) => ({ name, node: mapping.columns[name]! })))
  return guards.some(({ guard }) => guard.outcome === 'quarantine' && isLate(guard.when, 'resolve'))
}
