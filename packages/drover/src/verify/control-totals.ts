import type { TotalPlan } from '../plan/plan.ts'
import { type Check, capitalized, counted, type MappingSubject } from './check.ts'
import type { Finding, SampleRow } from './verification.ts'
import { checkStatement } from './violations.ts'

/**
 * The sums that the migration declares. Of the whole source: as before the first chunk. Of each group of loaded rows: what
 * the target got is what the source held, within the declared tolerance. And each group is what it was when the mapping was
 * closed: after the cutover a change there warns.
 *
 * A source that is gone warns: after the cutover the old tables may be dropped.
 */
export const controlTotals: Check<MappingSubject> = {
  name: 'control totals',
  whenGone: 'warn',
  run: async (tx, { runId, mapping }, { afterCutover }) => {
    if (mapping.totals === null) return []
    const origin = { runId, mapping: mapping.name, check: 'control totals' } as const
    const { totals, compare } = mapping.totals
    const rows = (await tx.query(checkStatement(origin, compare), [runId])) as unknown as readonly Comparison[]
    return rows.map((row, i) => judgeTotal(mapping.name, totals[i]!, row, afterCutover))
  },
}

/** What the statement of the plan returns of a total: int8 and numeric as text. */
interface Comparison {
  readonly before_rows: string
  readonly before_sum: string
  readonly source_then: string
  readonly source_now: string
  /** Of loaded rows: what the source held, and what the target got. */
  readonly loaded_then: string
  readonly target_then: string
  readonly target_now: string
  readonly groups: string
  readonly unequal: string
  readonly unequal_groups: readonly Group[] | null
  readonly changed: string
  readonly changed_groups: readonly Group[] | null
}

interface Group {
  readonly disposition: string | null
  /** Null of rows that have none in the target. */
  readonly group: readonly (string | null)[] | null
  readonly rows_then: string
  readonly source_then: string | null
  readonly target_then: string | null
  readonly rows_now: string
  readonly target_now: string | null
}

function judgeTotal(mapping: string, total: TotalPlan, row: Comparison, afterCutover: boolean): Finding {
  const isOther = row.source_then !== row.before_sum || row.source_now !== row.before_sum
  const isUnequal = row.unequal !== '0'
  const isChanged = row.changed !== '0'
  const isWrong = isOther || isUnequal || (isChanged && !afterCutover)
  const wrong = [
    ...(isOther ? [`the source added up to ${row.before_sum} before the first chunk, and ${sumsOfSource(row)}`] : []),
    ...(isUnequal
      ? [`${groupsOf(row.unequal, 'got')} another sum than the source held (${listUnequal(total, row)})`]
      : []),
    ...(isChanged
      ? [`${groupsOf(row.changed, 'changed')} since the mapping was closed (${listChanged(total, row)})`]
      : []),
  ]
  const sample = [
    ...(row.unequal_groups ?? []).map((group) => sampleOf(total, group, 'source and target differ')),
    ...(row.changed_groups ?? []).map((group) => sampleOf(total, group, 'changed')),
  ].filter((each) => each !== undefined)
  return {
    check: 'control totals',
    mapping,
    rule: total.name,
    verdict: isWrong ? 'fail' : isChanged ? 'warn' : 'pass',
    expected: `source ${row.before_sum}, loaded ${row.loaded_then}`,
    actual: `source ${row.source_now}, in the target ${row.target_now}`,
    detail: wrong.length === 0 ? passed(total, row) : `${capitalized(wrong.join('; '))}.`,
    ...(sample.length > 0 && { sample: sample.slice(0, 5) }),
  }
}

function passed({ by }: TotalPlan, { before_rows: rows, before_sum: sum, groups }: Comparison): string {
  const inTarget = by.length === 0 ? 'what was loaded' : `each of ${counted(BigInt(groups), 'group')} in the target`
  return `The ${counted(BigInt(rows), 'source row')} add up to ${sum}, as before the first chunk, and ${inTarget} to what its rows held there; so it was when the mapping was closed.`
}

function sumsOfSource({ before_sum: before, source_then: then, source_now: now }: Comparison): string {
  if (then === now) return `to ${now} since the mapping was closed`
  return then === before ? `to ${now} now` : `to ${then} when the mapping was closed and ${now} now`
}

function groupsOf(count: string, verb: string): string {
  return `${counted(BigInt(count), 'group')} ${verb}`
}

function listUnequal(total: TotalPlan, { unequal, unequal_groups: groups }: Comparison): string {
  const named = (groups ?? []).map(
    (group) => `${nameOf(total, group)}source ${group.source_then}, target ${group.target_then ?? 0}`,
  )
  return list(named, unequal)
}

function listChanged(total: TotalPlan, { changed, changed_groups: groups }: Comparison): string {
  const at = (rows: string, sum: string | null) => `${counted(BigInt(rows), 'row')}${sum === null ? '' : ` of ${sum}`}`
  const named = (groups ?? []).map(
    (group) =>
      `${nameOf(total, group)}${at(group.rows_then, group.target_then)} then, ${at(group.rows_now, group.target_now)} now`,
  )
  return list(named, changed)
}

function list(named: readonly string[], count: string): string {
  const more = BigInt(count) - BigInt(named.length)
  return `${named.join('; ')}${more > 0n ? ` and ${more} more` : ''}`
}

/** `clinic_id c1, metric_date 2024-05-01: `; the values of a group are shown, for that it was declared. */
function nameOf({ by }: TotalPlan, { disposition, group }: Group): string {
  if (group === null) return `${disposition ?? 'without disposition'}, no row in the target: `
  if (by.length === 0) return ''
  return `${by.map((label, i) => `${label} ${group[i] ?? 'null'}`).join(', ')}: `
}

function sampleOf({ by }: TotalPlan, { group }: Group, fault: string): SampleRow | undefined {
  if (group === null || by.length === 0) return undefined
  return { key: Object.fromEntries(by.map((label, i) => [label, group[i] ?? null])), fault }
}
