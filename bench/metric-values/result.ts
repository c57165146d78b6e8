import type { Client } from 'pg'

/** A multiset of rows as two sums that both differ where one row does. The hash is the server's own: one server only. */
const digest = (rows: string) => `
  select count(*) || ' ' || coalesce(sum(hash_record_extended(r, 1)::numeric), 0)
    || ' ' || coalesce(sum(hash_record_extended(r, 2)::numeric), 0)
  from (${rows}) as r`

const tables = ['clinics', 'providers', 'metric_definitions', 'data_sources', 'metric_values']

/** What a script left: the target's rows, who became whom, what was set aside and why, which values were cleaned. */
const questions = {
  hand: {
    crosswalk: 'select old_id::text, new_id from hand.values',
    quarantine: 'select old_id, code, original from hand.quarantine',
    correction: 'select old_id, code, original from hand.correction',
  },
  drover: {
    crosswalk: `select source_key::text, id from drover.crosswalk_values where id is not null`,
    quarantine: `select source_key::text, code, original from drover.quarantine where mapping = 'values'`,
    correction: `select source_key::text, code, original from drover.correction where mapping = 'values'`,
  },
} as const

/** A digest by name of everything that two ways to the same result must agree in. */
export async function readResult(client: Client, maker: 'hand' | 'drover'): Promise<Readonly<Record<string, string>>> {
  const asked = {
    ...Object.fromEntries(tables.map((table) => [`app.${table}`, `select * from app.${table}`])),
    ...questions[maker],
  }
  const found: Record<string, string> = {}
  for (const [name, rows] of Object.entries(asked)) {
    const answer = await client.query({ text: digest(rows), rowMode: 'array' })
    found[name] = answer.rows[0]![0]
  }
  return found
}
