import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { crosswalkOf } from '../verify/disposition.ts'

/** What became of the rows of a mapping, and what was logged of them by code. Rows are counted; no test has 2^53 of them. */
export interface MappingOutcome {
  readonly loaded: number
  readonly merged: number
  readonly matched: number
  readonly excluded: number
  /** Rows by the code under which they were set aside. */
  readonly quarantined: Readonly<Record<string, number>>
  /** Values that a rule changed, by code. */
  readonly corrected: Readonly<Record<string, number>>
  /** Values that were counted and not changed, by code. */
  readonly noted: Readonly<Record<string, number>>
}

/**
 * An outcome with the lowest source keys of each of its counts, five at most, by its words: `excluded`, `quarantined
 * no-email`.
 */
export interface KeyedOutcome extends MappingOutcome {
  readonly keys: Readonly<Record<string, readonly string[]>>
}

/** What became of the rows of each mapping of a run, by name. The run must be the last one that worked on them. */
export async function readOutcomes(tx: Queryable, run: Run): Promise<Readonly<Record<string, KeyedOutcome>>> {
  const outcomes: Record<string, KeyedOutcome> = {}
  for (const mapping of run.plan.mappings) outcomes[mapping.name] = await readOutcome(tx, run.id, mapping)
  return outcomes
}

async function readOutcome(tx: Queryable, runId: string, mapping: MappingPlan): Promise<KeyedOutcome> {
  const rows = await tx.query(compile(outcomeQuery(runId, mapping).toOperationNode()))
  const outcome = { loaded: 0, merged: 0, matched: 0, excluded: 0, quarantined: {}, corrected: {}, noted: {}, keys: {} }
  for (const row of rows) {
    const { what, code, n, keys } = row as {
      what: keyof MappingOutcome
      code: string | null
      n: string
      keys: string[]
    }
    const words = code === null ? what : `${what} ${code}`
    if (code === null) Object.assign(outcome, { [what]: Number(n) })
    else Object.assign(outcome[what], { [code]: Number(n) })
    Object.assign(outcome.keys, { [words]: keys })
  }
  return outcome
}

function outcomeQuery(runId: string, mapping: MappingPlan) {
  const ofMapping = (table: string) =>
    sql`${sql.ref(table)}.run_id = ${sql.lit(runId)} and ${sql.ref(table)}.mapping = ${sql.lit(mapping.name)}`
  const lowest = (key: string) =>
    sql`coalesce((array_agg(${sql.ref(key)} order by ${sql.ref(key)}) filter (where ${sql.ref(key)} is not null))[1:5], array[]::text[])`
  return sql`/* drover testing outcome */
select crosswalk.disposition as what, quarantine.code, count(*) as n, ${lowest('crosswalk.source_key')} as keys
from ${crosswalkOf(mapping)} as crosswalk
left join drover.quarantine on ${ofMapping('quarantine')} and quarantine.source_key = crosswalk.source_key
group by crosswalk.disposition, quarantine.code
union all
select 'corrected', correction.code, count(*), ${lowest('correction.source_key')}
from drover.correction
where ${ofMapping('correction')}
group by correction.code
union all
select 'noted', note.code, count(*), ${lowest('note.source_key')}
from drover.note
where ${ofMapping('note')}
group by note.code
order by 1, 2`
}
