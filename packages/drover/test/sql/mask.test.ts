import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { compile } from '../../src/sql/compile.ts'
import { mask } from '../../src/sql/mask.ts'
import { createDatabase } from '../support/postgres.ts'

test('a mask shows the shape of a value, whatever its type and collation', async () => {
  const database = await createDatabase()
  await database.query(`create collation public.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table public.t (word text collate public.alike, number int, day date, nothing text);
    insert into public.t values ('Öne, 2 – ' || repeat('x', 50), 42, '2025-05-31', null)`)
  const masked = ['word', 'number', 'day', 'nothing'].map((name) => sql`${mask(sql.ref(name))} as ${sql.ref(name)}`)
  const [row] = await database.query(compile(sql`select ${sql.join(masked)} from public.t`.toOperationNode()))
  expect(row).toEqual({ word: `aaa, 9 a ${'a'.repeat(31)}`, number: '99', day: '9999-99-99', nothing: null })
})
