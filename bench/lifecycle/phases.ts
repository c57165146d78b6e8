import type { Phases } from '../harness/measure.ts'
import { withClient } from '../harness/server.ts'

/**
 * Seconds of the checks of the newest verification, the longest ones. Two are asked at a time: they add up to more than
 * it took.
 */
export function readVerificationPhases(url: string): Promise<Phases> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string; seconds: string }>(`
      select regexp_replace(part, ' of .*', '') as name, sum(extract(epoch from finished_at - started_at)) as seconds
      from drover.verification_part
      where verification_id = (select max(id) from drover.verification)
      group by 1
      order by 2 desc
      limit 6`)
    return Object.fromEntries(rows.map(({ name, seconds }) => [name, Number(seconds)]))
  })
}
