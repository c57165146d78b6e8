import type { Database } from '../../packages/drover/src/db/connection.ts'
import { installLedger } from '../../packages/drover/src/ledger/install.ts'
import { createRun } from '../../packages/drover/src/ledger/run.ts'
import type { Plan } from '../../packages/drover/src/plan/plan.ts'

/**
 * Writes the ledger of a run that carried out so many mappings of so many chunks each, without a row of any table: some
 * chunks needed a second attempt, and set rows aside. Returns the run's number.
 */
export async function writeSyntheticLedger(db: Database, mappings: number, chunks: number): Promise<string> {
  const plan = syntheticPlan(mappings)
  return db.transaction(
    async (tx) => {
      await installLedger(tx, plan.drover)
      const { id } = await createRun(tx, plan, { chunkRows: null, maxQuarantined: { rows: 100 }, allowed: [] })
      await tx.query(
        `insert into drover.chunk (run_id, mapping, number, state, worker, rows, read, loaded, merged, matched, quarantined, excluded, started_at, finished_at)
select $1, mapping, number, 'done', 'host.1.1', 1000, 1000, 1000 - bad, 0, 0, bad, 0, ended - interval '1 second', ended
from drover.step
cross join lateral (
  select number, case when number % 500 = 0 then 7 else 0 end as bad,
    timestamptz '2025-06-01 08:00:00+00' + (position - 1 + number / $2::float8) * interval '10 seconds' as ended
  from generate_series(1, $2::bigint) as number
) as made
where run_id = $1`,
        [id, chunks],
      )
      await tx.query(
        `insert into drover.attempt (run_id, mapping, chunk, worker, sqlstate, outcome, at)
select run_id, mapping, number, worker, '40P01', 'retried', started_at
from drover.chunk
where run_id = $1 and number % 1000 = 0`,
        [id],
      )
      await tx.query(
        `insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
select run_id, mapping, number || '-' || n, number, 'no-number', '[{"code": "no-number", "column": "c1"}]', '{"c1": "n/a"}'
from drover.chunk, generate_series(1, quarantined) as n
where run_id = $1 and number <= 500`,
        [id],
      )
      await tx.query(
        `update drover.step
set state = 'done', source_rows = $2::bigint * 1000, source_rows_before = $2::bigint * 1000, target_rows_before = 0,
  target_rows_after = $2::bigint * 1000, started_at = timestamptz '2025-06-01 08:00:00+00' + (position - 1) * interval '10 seconds',
  finished_at = timestamptz '2025-06-01 08:00:00+00' + position * interval '10 seconds'
where run_id = $1`,
        [id, chunks],
      )
      await tx.query(
        `update drover.run set state = 'loaded', started_at = '2025-06-01 08:00:00+00', finished_at = timestamptz '2025-06-01 08:00:00+00' + $2 * interval '10 seconds' where id = $1`,
        [id, mappings],
      )
      return id
    },
    { name: 'synthetic ledger', statementTimeoutMs: 0 },
  )
}

/** What a report reads of a plan: a mapping of ten columns for each table. */
function syntheticPlan(mappings: number): Plan {
  const columns = Array.from({ length: 10 }, (_, i) => ({ name: `c${i}`, reads: [`t.c${i}`], opaque: false }))
  const plan = {
    migration: 'synthetic',
    drover: '0.1.0',
    hash: 'f'.repeat(64),
    cutover: '2025-06-01T00:00:00.000Z',
    hazards: [],
    freeze: { mode: 'none' },
    catalog: { serverVersion: 180_004, tables: [] },
    mappings: Array.from({ length: mappings }, (_, i) => ({
      name: `mapping_${i}`,
      source: `legacy.table_${i}`,
      target: `public.table_${i}`,
      dependsOn: [],
      columns,
      guards: [{ code: 'no-number', outcome: 'quarantine', column: 'c1' }],
      totals: [],
      compute: null,
      personal: [],
      secret: [],
      origin: null,
      sequences: [],
    })),
  }
  return plan as unknown as Plan
}
