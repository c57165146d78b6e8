import type { Phases } from '../harness/measure.ts'
import { withClient } from '../harness/server.ts'

/** Where the time of a landing of one table went, by drover's ledger; what the process took beside it is not in there. */
export function readLandingPhases(url: string): Promise<Phases> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<Record<string, string>>(`
      select extract(epoch from max(chunk.finished_at) - generation.started_at) as rows,
        extract(epoch from landing.finished_at - max(chunk.finished_at)) as "proof and key"
      from drover.landing
      join drover.landing_generation as generation on generation.id = landing.generation_id
      join drover.landing_chunk as chunk on chunk.landing_id = landing.id
      group by landing.id, generation.id`)
    return Object.fromEntries(Object.entries(rows[0]!).map(([name, seconds]) => [name, Number(seconds)]))
  })
}

/** Where the time of drover's run went, by its ledger; what the process took beside it is not in there. */
export function readPhases(url: string): Promise<Phases> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<Record<string, string>>(`
      with moment as (
        select run.created_at as run_began, run.finished_at as run_ended, step.started_at as began,
          min(chunk.started_at) as first_chunk, max(chunk.finished_at) as last_chunk, step.finished_at as ended
        from drover.run
        join drover.step on step.run_id = run.id and step.mapping = 'values'
        join drover.chunk on chunk.run_id = run.id and chunk.mapping = 'values'
        group by run.id, step.run_id, step.mapping
      )
      select extract(epoch from began - run_began) as "start and parents",
        extract(epoch from first_chunk - began) as "prepare and duplicates",
        extract(epoch from last_chunk - first_chunk) as load,
        extract(epoch from ended - last_chunk) as close,
        extract(epoch from run_ended - ended) as end
      from moment`)
    return Object.fromEntries(Object.entries(rows[0]!).map(([name, seconds]) => [name, Number(seconds)]))
  })
}
