import type { Queryable } from '../db/connection.ts'
import type { Disposition } from '../plan/disposition.ts'
import type { MappingPlan, TotalPlan } from '../plan/plan.ts'
import type { Finding, Verdict } from '../verify/verification.ts'

/** A declared sum, and where it went. Sums are numeric and therefore decimal text. */
export interface ControlTotal {
  readonly mapping: string
  readonly name: string
  /** What each part of a group is shown under; none where only the whole is compared. */
  readonly by: readonly string[]
  /** Rows of the source before the first chunk, an int8, and what they added up to. */
  readonly sourceRows: string
  readonly source: string
  /** What became of that, by the disposition of the rows; null before the mapping was closed. */
  readonly dispositions: TotalsByDisposition | null
  /** Whether those sums add up to what the source held. */
  readonly addsUp: boolean
  /** What the loaded rows added up to in the target when the mapping was closed; null before. */
  readonly target: string | null
  /** The groups in which source and target differed then by more than the declared tolerance. */
  readonly differingGroups: string
  /** The first of them, 20 at most. */
  readonly differences: readonly TotalDifference[]
  /** What the last verification said of it, and the sums that it found. */
  readonly verdict: Verdict
  readonly found: string | null
}

/** A sum for each disposition, as text. */
export type TotalsByDisposition = Readonly<Record<Disposition, string>>

/** A group in which source and target do not agree. */
export interface TotalDifference {
  readonly group: readonly (string | null)[]
  readonly rows: string
  readonly source: string
  readonly target: string
}

/** Groups that a total shows at most. */
const shownGroups = 20

/** The control totals of a run in the plan's order; one whose mapping was not prepared is left out. */
export async function readControlTotals(
  tx: Queryable,
  runId: string,
  mappings: readonly MappingPlan[],
  findings: readonly Finding[],
): Promise<readonly ControlTotal[]> {
  const declared = mappings.flatMap(({ name: mapping, totals }) =>
    (totals?.totals ?? []).map((total) => ({ mapping, ...total })),
  )
  if (declared.length === 0) return []
  const sums = await readSums(tx, runId)
  const differences = await readDifferences(tx, runId, declared)
  return declared.flatMap(({ mapping, name, by }) => {
    const is = (row: { readonly mapping: string; readonly name: string }) =>
      row.mapping === mapping && row.name === name
    const sum = sums.find(is)
    if (sum === undefined) return []
    const different = differences.filter(is)
    const finding = findings.find(
      ({ check, mapping: of, rule }) => check === 'control totals' && of === mapping && rule === name,
    )
    return {
      mapping,
      name,
      by,
      sourceRows: sum.rows,
      source: sum.source,
      dispositions: sum.dispositions,
      addsUp: sum.adds_up,
      target: sum.target,
      differingGroups: different[0]?.n ?? '0',
      differences: different.map(({ group_key: group, rows, source, target }) => ({ group, rows, source, target })),
      verdict: finding?.verdict ?? 'not run',
      found: finding?.actual ?? null,
    }
  })
}

interface SumRow {
  readonly mapping: string
  readonly name: string
  readonly rows: string
  readonly source: string
  readonly dispositions: TotalsByDisposition | null
  readonly adds_up: boolean
  readonly target: string | null
}

async function readSums(tx: Queryable, runId: string): Promise<readonly SumRow[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select mapping, name, min(before.rows) as rows, min(before.source_sum) as source,
  case when count(stage) > 0 then jsonb_build_object(
    'loaded', trim_scale(coalesce(sum(loaded.source_sum) filter (where disposition = 'loaded'), 0))::text,
    'merged', trim_scale(coalesce(sum(loaded.source_sum) filter (where disposition = 'merged'), 0))::text,
    'matched', trim_scale(coalesce(sum(loaded.source_sum) filter (where disposition = 'matched'), 0))::text,
    'quarantined', trim_scale(coalesce(sum(loaded.source_sum) filter (where disposition = 'quarantined'), 0))::text,
    'excluded', trim_scale(coalesce(sum(loaded.source_sum) filter (where disposition = 'excluded'), 0))::text
  ) end as dispositions,
  coalesce(sum(loaded.source_sum) filter (where disposition is not null), 0) = min(before.source_sum) as adds_up,
  case when count(stage) > 0 then trim_scale(coalesce(sum(target_sum) filter (where disposition = 'loaded'), 0)) end as target
from (
  select mapping, name, rows, source_sum
  from drover.control_total
  where run_id = $1 and stage = 'before'
) as before
left join (
  select mapping, name, stage, disposition, source_sum, target_sum
  from drover.control_total
  where run_id = $1 and stage = 'loaded'
) as loaded using (mapping, name)
group by mapping, name`,
    [runId],
  )
  return rows as unknown as readonly SumRow[]
}

interface DifferenceRow extends TotalDifference {
  readonly mapping: string
  readonly name: string
  /** How many groups of the total differ. */
  readonly n: string
  readonly group_key: TotalDifference['group']
}

async function readDifferences(
  tx: Queryable,
  runId: string,
  declared: readonly (TotalPlan & { readonly mapping: string })[],
): Promise<readonly DifferenceRow[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select mapping, name, n, group_key, rows, source, target
from (
  select mapping, name, group_key, rows, source_sum as source, coalesce(target_sum, 0) as target,
    count(*) over (partition by mapping, name) as n,
    row_number() over (partition by mapping, name order by group_key collate "C") as position
  from drover.control_total
  join jsonb_to_recordset($2) as total (mapping text, name text, tolerance numeric, compared text[])
    using (mapping, name)
  where run_id = $1 and stage = 'loaded' and group_key is not null
    and disposition = any (compared)
    -- NaN is equal to itself, and its difference above any tolerance.
    and source_sum <> coalesce(target_sum, 0) and abs(source_sum - coalesce(target_sum, 0)) > tolerance
) as differing
where position <= $3
order by mapping collate "C", name collate "C", position`,
    [runId, JSON.stringify(declared), shownGroups],
  )
  return rows as unknown as readonly DifferenceRow[]
}
