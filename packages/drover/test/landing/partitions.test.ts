import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../support/connect.ts'
import { digest } from '../support/digest.ts'
import { createPair, landed } from './landed.ts'

let source: TestDatabase
let target: TestDatabase

beforeAll(async () => {
  ;({ source, target } = await createPair())
  const partitions = Array.from(
    { length: 200 },
    (_, i) => `create table old.parts_${i} partition of old.parts for values in (${i});`,
  )
  await source.query(`create schema old;
    create table old.parts (id int, place int, note text, primary key (id, place)) partition by list (place);
    ${partitions.join('\n')}
    insert into old.parts
    select i, case when i % 2 = 0 then 0 else i / 2 % 150 end, repeat('x', 100) || i from generate_series(1, 10000) as i;
    create table old.whole (id int, place int, note text, primary key (id, place));
    insert into old.whole select * from old.parts;`)
})

test('two hundred partitions, some empty: small ones share a transaction, and large ones are cut', async () => {
  await landed({ source, target }, { chunkBytes: 256 * 1024, workers: 2 })
  const { 'old.parts': parts, 'old.whole': whole } = await digest(target, ['old'])
  expect(parts).toBe(whole)
  const [first, ...others] = await target.query<{ chunks: number; rows: number }>(`
    select count(*)::int as chunks, sum(landing_chunk.rows)::int as rows
    from drover.landing_chunk join drover.landing on landing.id = landing_id
    where table_name = 'parts'
    group by landing_chunk.xmin order by chunks desc`)
  expect(first!.chunks).toBeGreaterThan(10)
  expect(1 + others.length).toBeLessThan(30)
  // The one that holds half of the rows, by itself.
  expect(others.filter(({ chunks }) => chunks === 1).length).toBeGreaterThan(1)
})
