import { beforeAll, describe, expect, test } from 'vitest'
import { asRole, crosswalk } from '../../src/index.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { onServer, type TestDatabase, urlOf } from '../support/postgres.ts'
import { askClub, askDeclared, asMember, complaintsOfPlan, createClub, m, notes, roles } from './club.ts'
import { withDatabase } from './fixture.ts'

type Db = Parameters<Parameters<typeof m.assertNone>[1]>[0]

// A column that has the name of the relation it is read from in the statement.
const membersOf = (db: Db) => db.selectFrom('new.members as a').select(['a.id', 'a.name as actor'])
const notesSeen = (db: Db) => db.selectFrom('new.notes as n').select('n.id')

let club: TestDatabase

beforeAll(async () => {
  club = await createClub([
    m.access('own notes', {
      as: asMember,
      actors: membersOf,
      visible: notesSeen,
      expected: (db) => db.selectFrom('new.notes as n').select(['n.member_id as actor', 'n.id as key']),
    }),
    m.access('guests', { as: asRole(roles.guest), visible: notesSeen, expected: 'nothing' }),
    m.access('strangers', { as: asRole(roles.anon), visible: notesSeen, expected: 'refused' }),
  ])
})

type ByRule = Readonly<Record<string, Finding>>

async function findingsAfter(fault: string): Promise<ByRule> {
  const { findings } = await askClub(club, fault)
  return Object.fromEntries(findings.map((finding) => [finding.rule, finding]))
}

const verdictsOf = (findings: ByRule) =>
  Object.fromEntries(Object.entries(findings).map(([rule, { verdict }]) => [rule, verdict]))

const allPass = { 'own notes': 'pass', guests: 'pass', strangers: 'pass' }

test('each sees exactly what is his, by policies that call functions of the search path', async () => {
  const findings = await findingsAfter('')
  expect(verdictsOf(findings)).toEqual(allPass)
  expect(findings['own notes']).toEqual({
    check: 'access',
    mapping: null,
    rule: 'own notes',
    verdict: 'pass',
    expected: '9 actors see their own 80 rows',
    actual: '9 actors see their own 80 rows',
    detail: `Asked as the role ${roles.member}, each actor sees exactly the rows that are his.`,
  })
  expect(findings.guests!.actual).toBe('the role sees nothing')
  expect(findings.strangers!.actual).toBe('the role is refused')
})

describe('what is wrong is found, and only that', () => {
  test('a policy that shows a row of another', async () => {
    const findings = await findingsAfter(
      `create policy wide on new.notes to :member using (id = 'n016' and public.me() = 'm9')`,
    )
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'own notes': 'fail' })
    expect(findings['own notes']).toMatchObject({
      actual: 'not so for 1 of 9',
      detail: `Asked as the role ${roles.member}: m9: sees 1 row where 0 are his; seen, and not his: n016.`,
      sample: [{ key: { actor: 'm9', key: 'n016' }, fault: 'seen, and not his' }],
    })
  })

  test('a row that is seen in place of another', async () => {
    const findings = await findingsAfter(
      `alter policy own on new.notes using ((member_id = public.me() and id <> 'n008') or (id = 'n002' and public.me() = 'm1'))`,
    )
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'own notes': 'fail' })
    expect(findings['own notes']!.sample).toEqual([
      { key: { actor: 'm1', key: 'n002' }, fault: 'seen, and not his' },
      { key: { actor: 'm1', key: 'n008' }, fault: 'his, and not seen' },
    ])
  })

  test('a policy that hides rows', async () => {
    const findings = await findingsAfter(
      `alter policy own on new.notes using (member_id = public.me() and id not in ('n008', 'n001'))`,
    )
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'own notes': 'fail' })
    expect(findings['own notes']!.detail).toBe(
      `Asked as the role ${roles.member}: m1: sees 9 rows where 10 are his; his, and not seen: n008 · m2: sees 9 rows where 10 are his; his, and not seen: n001.`,
    )
  })

  test('row-level security that is switched off', async () => {
    const findings = await findingsAfter('alter table new.notes disable row level security')
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'own notes': 'fail', guests: 'fail' })
    expect(findings['own notes']!.actual).toBe('not so for 9 of 9')
    expect(findings['own notes']!.detail).toMatch(/ · and 4 more actors\.$/)
    expect(findings['own notes']!.sample).toHaveLength(5)
    expect(findings.guests).toMatchObject({
      expected: 'the role sees nothing',
      actual: 'the role sees 80 rows',
      detail: `Asked as the role ${roles.guest}: sees 80 rows; seen, and not his: n001, n002, n003, n004, n005.`,
    })
  })

  test('a grant that is missing', async () => {
    const findings = await findingsAfter('revoke select on new.notes from :member')
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'own notes': 'fail' })
    expect(findings['own notes']!.detail).toBe(
      `Asked as the role ${roles.member}: m1, m2, m3, m4, m5: is refused, SQLSTATE 42501, insufficient privilege, permission denied for table notes · and 4 more actors.`,
    )
    expect(findings['own notes']!.sample![0]).toEqual({ key: { actor: 'm1' }, fault: 'is refused' })
  })

  test('a question that the server should refuse, and answers without a row', async () => {
    const findings = await findingsAfter('grant select on new.notes to :anon')
    expect(verdictsOf(findings)).toEqual({ ...allPass, strangers: 'fail' })
    expect(findings.strangers!.actual).toBe('the role sees 0 rows')
  })

  // Others are still asked after one who gets an error, and what the server quotes in it is not told.
  test('a policy that fails for one actor', async () => {
    const findings = await findingsAfter(
      `alter policy own on new.notes using (case when public.me() = 'm2' then body::int > 0 else member_id = public.me() end)`,
    )
    expect(verdictsOf(findings)).toEqual({ ...allPass, 'own notes': 'fail' })
    expect(findings['own notes']!.detail).toBe(
      `Asked as the role ${roles.member}: m2: gets an error, SQLSTATE 22P02, text that the type cannot read.`,
    )
  })

  test('keys beyond the first page of them', async () => {
    const findings =
      await findingsAfter(`insert into new.notes select 'x' || i, 'm1', '' from generate_series(10000, 59999) as i;
      alter policy own on new.notes using (member_id = public.me() and id not in ('x30000', 'x59999'))`)
    expect(findings['own notes']!.sample).toEqual([
      { key: { actor: 'm1', key: 'x30000' }, fault: 'his, and not seen' },
      { key: { actor: 'm1', key: 'x59999' }, fault: 'his, and not seen' },
    ])
  })
})

describe('what cannot be asked is not run, and never a pass', () => {
  test('there is no actor', async () => {
    const findings = await findingsAfter('truncate new.members cascade')
    expect(findings['own notes']).toMatchObject({
      verdict: 'not run',
      detail: 'own notes was not asked: there is no actor.',
    })
  })

  describe('what the server does not let drover do', () => {
    let strict: TestDatabase

    beforeAll(async () => {
      strict = await createClub([
        m.access('nobody', { as: asRole('drover_no_such_role'), visible: notesSeen, expected: 'nothing' }),
        m.access('shelves', {
          as: asRole(roles.guest),
          visible: notesSeen,
          expected: (db) => db.selectFrom('new.shelves as s').select(['s.member_id as actor', 's.note_id as key']),
        }),
      ])
    })

    test('a role does not exist', async () => {
      const { findings } = await askClub(strict, '')
      expect(findings[0]).toMatchObject({
        verdict: 'not run',
        detail:
          'nobody was not asked: the role drover_no_such_role cannot be taken; create it, or name another one in the migration.',
      })
    })

    test('the connecting role may not take the role, or see all rows', async () => {
      const { database } = await askClub(strict, '')
      const name = `drover_verifier_${database.name}`
      await onServer((server) => server.query(`create role ${name} login password 'pw'`))
      try {
        await database.query(`
          alter table new.notes disable row level security;
          grant usage on schema drover, old, new to ${name};
          grant all on all tables in schema drover to ${name};
          grant all on all sequences in schema drover to ${name};
          grant select on all tables in schema old, new to ${name}`)
        const ask = async () => {
          const findings = await withDatabase(urlOf(database.name, { name, password: 'pw' }), (db) => askDeclared(db))
          return findings.find(({ rule }) => rule === 'shelves')
        }
        expect(await ask()).toMatchObject({
          verdict: 'not run',
          detail: `shelves was not asked: the role ${roles.guest} cannot be taken; grant it to the role that drover connects as.`,
        })
        await database.query('alter table new.shelves enable row level security')
        expect(await ask()).toMatchObject({
          verdict: 'not run',
          detail: expect.stringMatching(
            /^shelves was not asked: the role that drover connects as may not see all rows .* bypassrls[.]$/,
          ),
        })
      } finally {
        await database.query(`drop owned by ${name}`)
        await onServer((server) => server.query(`drop role ${name}`))
      }
    })
  })
})

test('nothing is left in the session that was used', async () => {
  const { database } = await askClub(club, '')
  await withDatabase(database.url, async (db) => {
    await askDeclared(db)
    const [row] = await db.transaction((tx) =>
      // Empty in a session that had claims, null in one that never had any.
      tx.query(
        `select current_user = session_user as same, coalesce(current_setting('request.jwt.claims', true), '') as claims`,
      ),
    )
    expect(row).toEqual({ same: true, claims: '' })
  })
})

describe('a check that cannot be asked is refused when it is planned', () => {
  const own = { as: asMember, actors: membersOf, visible: notesSeen, expected: 'nothing' } as const
  test.each([
    ['a role that means none', { ...own, as: asRole('none') }, `check a: the role 'none' cannot be taken.`],
    [
      'claims of an actor whom nobody names',
      { ...own, actors: undefined },
      'check a: the claims read id of the actor, and no actors are given.',
    ],
    [
      'claims of a column that actors do not have',
      { ...own, actors: (db: Db) => db.selectFrom('new.members as a').select('a.name') },
      'check a: actors gives no column id; it gives name.',
    ],
    [
      'two columns that are seen',
      { ...own, visible: (db: Db) => db.selectFrom('new.notes as n').select(['n.id', 'n.body']) },
      'check a: visible gives 2 columns; it needs one, the key of a row that is seen.',
    ],
    [
      'a crosswalk that the actor would have to read',
      { ...own, visible: (db: Db) => db.selectFrom(crosswalk(notes, 'w')).select('w.source_key') },
      'check a: visible is asked as the role of the actor, who may not read what drover keeps; use it in expected.',
    ],
    [
      "rows that are nobody's",
      { ...own, expected: (db: Db) => db.selectFrom('new.notes as n').select('n.id as key') as never },
      'check a: expected gives no column actor; it gives key.',
    ],
  ])('%s', async (_, options, complaint) => {
    expect(await complaintsOfPlan(club, [m.access('a', options as never)])).toEqual([complaint])
  })
})
