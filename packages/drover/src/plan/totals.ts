import { type OperationNode, type RawBuilder, sql } from 'kysely'
import type { TotalDefinition } from '../define/total.ts'
import { compile } from '../sql/compile.ts'
import { updatedColumns } from './images.ts'
import type { ColumnPlan, TotalPlan, TotalsPlan } from './plan.ts'
import type { MappingParts } from './row.ts'
import { totalColumnsIn, totalFindings } from './total-columns.ts'
import { compareTotals } from './total-comparison.ts'
import { ownName, source, sourceRows, sumOf, sumsCtes } from './total-sums.ts'

/** The control totals of a mapping; null where it declares none, or such that cannot be taken. */
export function totalsPlan(parts: MappingParts, columns: readonly ColumnPlan[]): TotalsPlan | null {
  const { totals } = parts.mapping
  if (totals.length === 0) return null
  const findings = totalFindings(parts, columns)
  for (const finding of findings) parts.context.complain(finding)
  if (findings.length > 0) return null
  const planned = totals.map((total) => totalPlan(parts, total))
  return {
    totals: planned,
    before: beforeStatement(parts),
    loaded: loadedStatement(parts),
    compare: compareTotals(parts, planned),
  }
}

function totalPlan(parts: MappingParts, { name, target, by, tolerance }: TotalDefinition): TotalPlan {
  const updated = new Set(updatedColumns(parts).map((column) => column.name))
  const isUpdated = updated.size > 0 && totalColumnsIn(target).every((column) => updated.has(column))
  return { name, by: labelsOf(by), tolerance, compared: isUpdated ? ['loaded', 'matched'] : ['loaded'] }
}

/** What a group is shown under: the columns that its expression reads. */
function labelsOf(by: readonly OperationNode[]): readonly string[] {
  const labels = by.map((node, i) => totalColumnsIn(node).join(' ') || `group ${i + 1}`)
  return labels.map((label, i) => (labels.indexOf(label) === i ? label : `${label} (${i + 1})`))
}

/** One pass over the source: its rows, and what each total adds up to. Takes the place of what was there. */
function beforeStatement(parts: MappingParts): string {
  const { totals } = parts.mapping
  const sums = totals.map((_, i) => sql`${sumOf(sql`${source(i)}`)} as ${source(i)}`)
  const values = totals.map(({ name }, i) => sql`(${sql.lit(name)}, ${source(i)})`)
  return compile(
    sql`with s as (
  ${sourceRows(parts)}
), sums as (
  select count(*) as rows, ${sql.join(sums)}
  from s
), ${removedCte(parts, 'before')}
insert into drover.control_total (run_id, mapping, name, stage, rows, source_sum)
select $1::bigint, ${ownName(parts)}, total.name, 'before', sums.rows, total.source_sum
from sums
cross join lateral (values ${sql.join(values)}) as total (name, source_sum)`.toOperationNode(),
  )
}

/** The sums of source and target by disposition and group. Takes the place of what was there. */
function loadedStatement(parts: MappingParts): string {
  return compile(
    sql`with ${sumsCtes(parts)}, ${removedCte(parts, 'loaded')}
insert into drover.control_total (run_id, mapping, name, stage, disposition, group_key, rows, source_sum, target_sum)
select $1::bigint, ${ownName(parts)}, name, 'loaded', disposition, group_key, rows, source_sum, target_sum
from sums`.toOperationNode(),
  )
}

function removedCte(parts: MappingParts, stage: 'before' | 'loaded'): RawBuilder<unknown> {
  return sql`removed as (
  delete from drover.control_total
  where run_id = $1::bigint and mapping = ${ownName(parts)} and stage = ${sql.lit(stage)}
)`
}
