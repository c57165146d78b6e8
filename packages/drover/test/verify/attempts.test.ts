import { beforeAll, describe, expect, test } from 'vitest'
import { crosswalk, cutover, sql } from '../../src/index.ts'
import { checkPlans } from '../../src/plan/declared.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { catalogOf } from '../plan/planned.ts'
import { digest } from '../support/digest.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { askClub, asMember, complaintsOfPlan, createClub, m, members, notes, roles } from './club.ts'

let club: TestDatabase

type Db = Parameters<Parameters<typeof m.assertNone>[1]>[0]

/** Two members, each with someone else and a note of his. */
const pairs = (db: Db) =>
  db
    .selectFrom('new.notes as n')
    .innerJoin('new.members as a', (join) => join.on(sql<boolean>`a.id in ('m1', 'm3') and n.id = 'n001'`))
    .select(['a.id', 'n.id as note', 'n.member_id as other'])

beforeAll(async () => {
  club = await createClub([
    m.attempt('a note for another', {
      as: asMember,
      actors: pairs,
      write: (db, actor) =>
        db.insertInto('new.notes').values({ id: 'forged', member_id: actor.other, body: 'forged' } as never),
      outcome: 'refused',
    }),
    m.attempt('a note of another', {
      as: asMember,
      actors: pairs,
      write: (db, actor) =>
        db
          .updateTable('new.notes as n')
          .set({ body: 'forged' } as never)
          .where('n.id', '=', actor.note as never),
      outcome: 'no row',
    }),
    // The ninth has none.
    m.attempt('all notes', {
      as: asMember,
      actors: (db) =>
        db
          .selectFrom('new.members as a')
          .select('a.id')
          .where('a.id', '=', 'm9' as never),
      write: (db) => db.updateTable('new.notes').set({ body: 'forged' } as never),
      outcome: 'no row',
    }),
  ])
})

type ByRule = Readonly<Record<string, Finding>>

const attemptsAfter = async (fault: string, triesWrites = true) => {
  const { database, findings } = await askClub(club, fault, { triesWrites })
  return { database, findings: Object.fromEntries(findings.map((finding) => [finding.rule, finding])) as ByRule }
}

const verdictsOf = (findings: ByRule) =>
  Object.fromEntries(Object.entries(findings).map(([rule, { verdict }]) => [rule, verdict]))

const allPass = { 'a note for another': 'pass', 'a note of another': 'pass', 'all notes': 'pass' }

test('writes are tried only where it is allowed', async () => {
  const { findings } = await attemptsAfter('', false)
  expect(findings['a note of another']).toMatchObject({
    verdict: 'not run',
    detail: 'a note of another was not tried: writes are tried only with --try-writes.',
  })
})

test('writes that are refused, or find no row, pass', async () => {
  const { findings } = await attemptsAfter('')
  expect(verdictsOf(findings)).toEqual(allPass)
  expect(findings['a note for another']!.actual).toBe('2 actors are refused')
  expect(findings['a note of another']!.actual).toBe('2 actors find no row to write')
})

describe('a write that is let through is found', () => {
  test('an insert', async () => {
    const { findings } = await attemptsAfter('create policy wide on new.notes for insert to :member with check (true)')
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'a note for another': 'fail' })
    expect(findings['a note for another']).toMatchObject({
      expected: '2 actors are refused',
      actual: 'not so for 2 of 2',
      detail: `Tried as the role ${roles.member}: m1, m3: wrote 1 row.`,
      sample: [
        { key: { actor: 'm1' }, fault: 'wrote 1 row' },
        { key: { actor: 'm3' }, fault: 'wrote 1 row' },
      ],
    })
  })

  // One that gave back a column of its rows would find only those that may be read.
  test('an update of rows that may not be read', async () => {
    const { findings } = await attemptsAfter('create policy blind on new.notes for update to :member using (true)')
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'all notes': 'fail' })
    expect(findings['all notes']!.detail).toBe(`Tried as the role ${roles.member}: m9: wrote 80 rows.`)
  })

  test('by one actor alone', async () => {
    const { findings } = await attemptsAfter(
      `alter policy own on new.notes using (member_id = public.me() or public.me() = 'm3')`,
    )
    expect(verdictsOf(findings)).toEqual({
      'a note for another': 'fail',
      'a note of another': 'fail',
      'all notes': 'pass',
    })
    expect(findings['a note of another']!.detail).toBe(`Tried as the role ${roles.member}: m3: wrote 1 row.`)
  })

  // The rule that stops it is none of access: the next write would not meet it.
  test('and fails by a constraint', async () => {
    const { findings } = await attemptsAfter(`
      create policy wide on new.notes for insert to :member with check (true);
      alter table new.notes add constraint no_forgery check (body <> 'forged') not valid`)
    expect(findings['a note for another']!.detail).toBe(
      `Tried as the role ${roles.member}: m1, m3: was refused for another reason, SQLSTATE 23514, check constraint violated, table new.notes, constraint no_forgery.`,
    )
  })
})

test('an outcome that is not the declared one fails, if safe', async () => {
  const { findings } = await attemptsAfter('revoke update on new.notes from :member')
  expect(verdictsOf(findings)).toEqual({ ...allPass, 'a note of another': 'fail', 'all notes': 'fail' })
  expect(findings['a note of another']!.detail).toBe(
    `Tried as the role ${roles.member}: m1, m3: was refused, and did not look for a row.`,
  )
})

test('nothing is changed by writes that succeed', async () => {
  const fault = 'alter table new.notes disable row level security'
  const before = await askClub(club, fault)
  const { database, findings } = await attemptsAfter(fault)
  expect(Object.values(findings).map(({ verdict }) => verdict)).toEqual(['fail', 'fail', 'fail'])
  expect(await digest(database, ['old', 'new'])).toEqual(await digest(before.database, ['old', 'new']))
})

test('what writes nothing is refused when it is planned', async () => {
  const attempt = m.attempt('a', {
    as: asMember,
    actors: pairs,
    write: (db) => db.selectFrom('new.notes as n').select('n.id'),
    outcome: 'refused',
  })
  expect(await complaintsOfPlan(club, [attempt])).toEqual(['check a: write must be an insert, an update or a delete.'])
})

test('the cutover is the same in a write and in claims as anywhere', async () => {
  const catalog = await catalogOf(club)
  const attempt = m.attempt('a', {
    as: { ...asMember, claims: () => ({ exp: cutover() }) } as never,
    actors: pairs,
    write: (db) => db.updateTable('new.notes').set({ body: sql`${cutover()}::text` } as never),
    outcome: 'no row',
  })
  const complaints: string[] = []
  const [plan] = checkPlans(m.migration([members, notes], { checks: [attempt] }), catalog, complaints)
  expect(complaints).toEqual([])
  expect(plan).toMatchObject({
    enter: expect.stringContaining('2025-06-01'),
    write: expect.stringContaining('2025-06-01'),
  })
  expect(JSON.stringify(plan)).not.toContain('now()')
})

test('what drover keeps cannot be read by who is tried', async () => {
  const attempt = m.attempt('a', {
    as: asMember,
    actors: pairs,
    write: (db) =>
      db.deleteFrom('new.notes').where(({ exists }) => exists(db.selectFrom(crosswalk(notes, 'x')).select('x.id'))),
    outcome: 'no row',
  })
  expect(await complaintsOfPlan(club, [attempt])).toEqual([
    'check a: write is asked as the role of the actor, who may not read what drover keeps; select it in actors.',
  ])
})
