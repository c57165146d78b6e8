import type { Client } from 'pg'

/** What became of the events, as digests: the same whichever table they came from. */
export async function whatCameOut(client: Client): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {}
  for (const [what, of] of [
    ['target', 'new.readings'],
    ['crosswalk', 'drover.crosswalk_readings'],
    ['quarantine', '(select source_key, code, reasons, original from drover.quarantine)'],
    ['corrections', '(select source_key, code, column_name, original from drover.correction)'],
  ] as const) {
    const { rows } = await client.query(
      `select count(*) || ' ' || coalesce(sum(hashtextextended(row(t.*)::text, 0)::numeric), 0) as digest from ${of} as t`,
    )
    digests[what] = rows[0].digest
  }
  return digests
}

/** How large the chunks of the events were. Chunks that grow toward their second are smaller at first. */
export async function chunkSizes(client: Client): Promise<string> {
  const { rows } = await client.query(`select count(*) as n, max(read) as most,
      percentile_disc(0.5) within group (order by read) as median,
      round(max(extract(epoch from finished_at - started_at)), 2) as longest
    from drover.chunk where mapping = 'readings' and state = 'done'`)
  const { n, most, median, longest } = rows[0]
  return `${n} chunks, ${median} rows in the median, ${most} at most, ${longest} s at most`
}
