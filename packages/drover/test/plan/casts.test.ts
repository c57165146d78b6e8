import { expect, test } from 'vitest'
import { isAssignable } from '../../src/plan/casts.ts'
import { databaseWith } from './planned.ts'

test('the casts that are made on assignment are those of the server', async () => {
  const database = await databaseWith('')
  const names = await database.query<{ name: string }>(
    `select typname as name from pg_type where typnamespace = 'pg_catalog'::regnamespace and typtype = 'b'`,
  )
  const known = names.map(({ name }) => name).filter((name) => isAssignable(typed(name), typed('uuid')) !== undefined)
  expect(known.length).toBeGreaterThan(25)
  const cast = await database.query<{ pair: string }>(
    `select source.typname || ' ' || target.typname as pair
    from pg_type as source, pg_type as target
    where source.typname = any($1) and target.typname = any($1)
      and (
        source.oid = target.oid
        -- Any type becomes one of the string category on assignment, by its text.
        or target.typcategory = 'S'
        or exists (select from pg_cast where castsource = source.oid and casttarget = target.oid and castcontext <> 'e')
      )`,
    [known],
  )
  const ours = known.flatMap((from) =>
    known.filter((to) => isAssignable(typed(from), typed(to))).map((to) => `${from} ${to}`),
  )
  expect(ours.toSorted()).toEqual(cast.map(({ pair }) => pair).toSorted())
})

test('enums become text, and nothing else becomes an enum', () => {
  const mood = { baseType: 'app.mood', kind: 'enum' } as const
  expect(isAssignable(mood, typed('text'))).toBe(true)
  expect(isAssignable(typed('text'), mood)).toBe(false)
  expect(isAssignable(mood, { ...mood, baseType: 'old.mood' })).toBe(false)
  expect(isAssignable(mood, mood)).toBe(true)
})

test('of other types the catalog does not tell', () => {
  expect(isAssignable({ baseType: 'ext.citext', kind: 'base' }, typed('uuid'))).toBeUndefined()
  expect(isAssignable({ baseType: 'text[]', kind: 'array' }, typed('text'))).toBeUndefined()
})

function typed(baseType: string) {
  return { baseType, kind: 'base' } as const
}
