import { type RawBuilder, sql } from 'kysely'
import { dispositions } from './disposition.ts'

/**
 * Moves rows from one disposition to another after their chunks are done: an entry of its own, as in bookkeeping, that
 * reads no row and adds up to none (I2). `$1` run, `$2` number of the entry. Returns a row where there is one.
 */
export function adjustment(
  mapping: string,
  from: 'loaded' | 'merged',
  to: 'quarantined',
  rows: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const counts = dispositions.map((disposition) =>
    disposition === from ? sql`-n` : disposition === to ? sql`n` : sql`0`,
  )
  return sql`insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, ${sql.lit(mapping)}, $2::bigint, 'adjustment', 'done', 0, ${sql.join(counts)}, clock_timestamp()
from (select count(*) as n from ${rows}) as moved
where n > 0
returning number`
}
