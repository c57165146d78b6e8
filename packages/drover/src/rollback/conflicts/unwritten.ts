import { type Expression, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../../catalog/capabilities.ts'
import { findTable, qualifiedName } from '../../catalog/catalog.ts'
import type { Column } from '../../catalog/table.ts'
import { defaultOf } from '../../plan/assigned.ts'
import type { ComparisonPlan } from '../../plan/plan.ts'
import { columnOf, parseName } from '../../sql/nodes.ts'
import type { StepBack, Way } from '../way.ts'

// The columns that a mapping does not write are compared by no plan. The row is `t`, its before-image `i`.

/** Whether those of a loaded row are as they came with the row. */
export function holdsDefaults(way: Way, step: StepBack, comparison: ComparisonPlan): RawBuilder<unknown> {
  const conditions = defaultConditions(way, step, comparison)
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)
}

/**
 * A condition for each of them that can be told. Where nothing but the comparison tells what others changed, a value that
 * nobody can make again is left out: it would make every row look changed.
 */
export function defaultConditions(
  way: Way,
  step: StepBack,
  { columns, notCompared }: ComparisonPlan,
): readonly RawBuilder<unknown>[] {
  const planned = plannedColumns(way, step)
  const isKept = capabilitiesOf(step.target).comparesVersions
  return unwritten(step, isKept ? columns : [...columns, ...notCompared]).flatMap((column) => {
    const then = planned.find(({ name }) => name === column.name) ?? column
    if (isClock(then)) return isOfLoad(step, column)
    return !isKept && defaultOf(then) === undefined ? [] : isDefault(column, then)
  })
}

/** Whether those of a matched row are as they were before the mapping wrote the others. */
export function isLikeImage(way: Way, step: StepBack, { updated }: ComparisonPlan): RawBuilder<unknown> {
  const planned = plannedColumns(way, step)
  const conditions = unwritten(step, updated).map((column) =>
    planned.some(({ name }) => name === column.name)
      ? isSameText(columnOf('t', column.name), columnOf('i', column.name))
      : isDefault(column, column),
  )
  return sql.join([sql`${columnOf('i', step.mapping.targetKey[0]!)} is not null`, ...conditions], sql` and `)
}

function plannedColumns({ plan }: Way, { mapping }: StepBack): readonly Column[] {
  return findTable(plan.catalog, qualifiedName(parseName(mapping.target)))!.columns
}

function unwritten({ target }: StepBack, written: readonly string[]): readonly Column[] {
  return target.columns.filter(({ name, generated }) => generated === null && !written.includes(name))
}

function isDefault(column: Column, then: Column): RawBuilder<unknown> {
  const made = defaultOf(then)
  return made === undefined ? sql`false` : isSameText(columnOf('t', column.name), sql`(${made})::${sql.raw(then.type)}`)
}

/** Defaults that hold the time at which the row came in, in the time zone of drover's sessions. */
const clock =
  /^(timezone\('(utc|UTC)'::text, )?((now|transaction_timestamp|statement_timestamp|clock_timestamp)\(\)|(CURRENT_TIMESTAMP|LOCALTIMESTAMP)(\(\d\))?)\)?$/

function isClock({ default: expression, baseType }: Column): boolean {
  return (baseType === 'timestamptz' || baseType === 'timestamp') && clock.test(expression ?? '')
}

/** When rows of the run came in last, by way of a repair. */
const lastRepair = sql`(
          select max(event.at) from drover.event where event.run_id = $1::bigint and event.detail ? 'mappings'
        )`

/** An application that keeps the time of a change there sets it to a later one. */
function isOfLoad({ mapping, target }: StepBack, { name, baseType }: Column): RawBuilder<unknown> {
  const type = sql.raw(baseType)
  if (!capabilitiesOf(target).comparesVersions) {
    // A cluster asks for such values first; it joins no table of the ledger to shards by a condition on their rows. Of a
    // mapping that has not come to its end nobody knows until when it wrote: were that held against its rows, all would be
    // conflicts.
    const time = (value: RawBuilder<unknown>) => sql`(
        select ${value} from drover.step where step.run_id = $1::bigint and step.mapping = ${sql.lit(mapping.name)}
      )::${type}`
    return sql`${columnOf('t', name)} between ${time(sql`date_trunc('second', step.started_at)`)} and ${time(sql`coalesce(greatest(step.finished_at, ${lastRepair}), 'infinity')`)}`
  }
  // The column may have less precision than the ledger.
  return sql`exists (
        select from drover.step
        where step.run_id = $1::bigint and step.mapping = ${sql.lit(mapping.name)}
          and ${columnOf('t', name)} between date_trunc('second', step.started_at)::${type} and step.finished_at::${type}
      )`
}

function isSameText(one: Expression<unknown>, other: Expression<unknown>): RawBuilder<unknown> {
  return sql`(${one})::text collate "C" is not distinct from (${other})::text collate "C"`
}
