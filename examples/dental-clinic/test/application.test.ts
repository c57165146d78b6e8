import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { readCatalog } from '../../../packages/drover/src/catalog/read.ts'
import { probesOf, rowFunctionsOf } from '../../../packages/drover/src/define/migration.ts'
import type { ProbeAnswer, ProbeContext } from '../../../packages/drover/src/define/probe.ts'
import { buildPlan } from '../../../packages/drover/src/plan/build.ts'
import { run } from '../../../packages/drover/src/run/run.ts'
import { readOnlyUrl } from '../../../packages/drover/src/verify/probe-url.ts'
import type { Finding } from '../../../packages/drover/src/verify/verification.ts'
import { verify } from '../../../packages/drover/src/verify/verify.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { differences, type Row } from '../checks/application/answer.ts'
import { type AppClient, type AppReader, asUser, withClients } from '../checks/application/clients.ts'
import { applicationProbes } from '../checks/application.ts'
import migration from '../migration.ts'
import { tokenKey } from './command.ts'
import { legacyTemplate } from './dental.ts'
import { allowed } from './tiny.ts'

const definition = { ...migration, checks: applicationProbes }
const probes = probesOf(definition)

let migrated: TestDatabase
let runId: string

beforeAll(async () => {
  process.env.DROVER_EXAMPLE_TOKEN_KEY = tokenKey.toString('base64')
  const { name } = await legacyTemplate()
  migrated = await createDatabase(name)
  await withDatabase(migrated.url, async (db) => {
    const schemas = ['legacy', 'migration_input', 'auth', 'public']
    const catalog = await db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), schemas), {
      readOnly: true,
    })
    const functions = rowFunctionsOf(definition)
    runId = (await run(db, buildPlan(definition, catalog), { allowed, functions })).runId
  })
}, 120_000)

async function ask(probe: string, database: TestDatabase): Promise<ProbeAnswer> {
  const { signal } = new AbortController()
  const url = readOnlyUrl(database.url)
  return withDatabase(database.url, (db) =>
    db.transaction(
      (tx) => {
        let last: Promise<unknown> = Promise.resolve()
        const query: ProbeContext['query'] = (text, values) => {
          const rows = last.then(() => tx.query(text, values))
          last = rows
          return rows
        }
        return probes.get(probe)!({ url, runId, query, signal })
      },
      { readOnly: true },
    ),
  )
}

describe('a verification after the migration asks', () => {
  let findings: readonly Finding[]
  beforeAll(async () => {
    await migrated.disconnect()
    const { url, query } = await createDatabase(migrated.name)
    // Without mappings in the stored plan a verification asks what is declared, and leaves out what drover checks by itself.
    await query(`update drover.run set plan = jsonb_set(plan, '{mappings}', '[]')`)
    const verification = await withDatabase(url, (db) => verify(db, runId, { probes, url }))
    findings = verification.findings.filter(({ check }) => check === 'probes')
  }, 180_000)

  test.each(applicationProbes.map(({ name }) => name))('%s: every answer is what it was', (probe) => {
    const found = findings.filter(({ rule }) => rule === probe)
    expect(found).toMatchObject([
      { verdict: 'pass', expected: expect.stringMatching(/^[\d,]+ questions answered as before$/) },
    ])
    expect(Number(found[0]!.expected!.replace(/[^\d]/g, ''))).toBeGreaterThan(60)
  })
})

const oneOf = (table: string, where = 'true') => `(select id from public.${table} where ${where} order by id limit 1)`
const recent = `(select id from public.metric_values where metric_date between '2025-05-26' and '2025-05-30'
  and provider_id is not null order by id limit 1)`

/** What is done to the new schema after the migration, and what the probe then says of it. */
const damages: readonly (readonly [probe: string, damage: string, by: string, complaint: RegExp])[] = [
  [
    'who signs in',
    'a role is weaker',
    `update public.user_clinic_roles set role = 'viewer' where id = ${oneOf('user_clinic_roles', `role = 'clinic_admin'`)}`,
    /^getAuthContext\(user [-0-9a-f]{36}\): user [-0-9a-f]{36} \(roles\) different$/,
  ],
  [
    'who signs in',
    'a user may not sign in',
    `update public.profiles set status = 'disabled' where id = ${oneOf('profiles', `status = 'active'`)}`,
    /maySignIn/,
  ],
  [
    'switching clinics',
    'a membership is gone',
    `delete from public.user_clinic_roles where id = ${oneOf('user_clinic_roles')}`,
    /^switchClinic\(.*: clinic [-0-9a-f]{36} missing$/,
  ],
  [
    'switching clinics',
    'all see all clinics',
    'alter policy clinics_read on public.clinics using (true)',
    /as user .* too many$/,
  ],
  [
    'list of users',
    'a name is another',
    `update public.profiles set full_name = 'Zoe' where id = ${oneOf('profiles', 'not is_system_admin')}`,
    /^getUsers\(.* \(name\) different$/,
  ],
  [
    'list of users',
    'a user of another clinic shows',
    'alter policy profiles_read on public.profiles using (true);' +
      'alter policy tenant_read on public.user_clinic_roles using (true)',
    /no member: .* too many$/,
  ],
  [
    'members of a clinic',
    'a membership rests',
    `update public.user_clinic_roles set is_active = false where id = ${oneOf('user_clinic_roles', 'is_active')}`,
    /^getUsersByClinic\(.* missing$/,
  ],
  [
    'members of a clinic',
    'a membership is younger',
    `update public.user_clinic_roles set created_at = '2030-01-01' where id in (select id from (
      select id, row_number() over (partition by clinic_id order by created_at) from public.user_clinic_roles
    ) as r where row_number = 1)`,
    /another order from user .* on$/,
  ],
  [
    'search',
    'addresses are others',
    `update public.profiles set email = 'x' || id || '@example.net'`,
    /^searchUsers\(/,
  ],
  ['search', 'clinics have other names', `update public.clinics set name = 'Q'`, /^searchClinics\(.* missing$/],
  [
    'a user with his dashboards',
    'a dashboard is gone',
    `delete from public.dashboards where id = ${oneOf('dashboards')}`,
    /^getUserById\(.*: dashboard .* missing$/,
  ],
  [
    'a user with his dashboards',
    'a dashboard is private',
    `update public.dashboards set visibility = 'private'`,
    /as user .*: dashboard .* missing$/,
  ],
  [
    'list of clinics',
    'a goal is gone',
    `delete from public.goals where id = ${oneOf('goals')}`,
    /^getClinics\(.* \(goals\) different$/,
  ],
  [
    'list of clinics',
    'values are hidden from members',
    'alter policy tenant_read on public.metric_values using (false)',
    /as user .* \(values\) different$/,
  ],
  [
    'statistics of a clinic',
    'a value of the last days is gone',
    `delete from public.metric_values where id = ${recent}`,
    /values on 2025-05-\d\d \(count\) different/,
  ],
  [
    'dashboard of a clinic',
    'a value is a millionth more',
    `update public.metric_values set value = value + 0.000001 where id = ${recent}`,
    /^getClinicDashboardData, values\(.* \(amount\) different$/,
  ],
  [
    'dashboard of a clinic',
    'a goal ends earlier',
    `update public.goals set ends_on = starts_on where id = ${oneOf('goals', `ends_on > '2025-06-02' and starts_on < '2025-06-01'`)}`,
    /^getClinicDashboardData, goals\(.* missing$/,
  ],
  [
    'dashboard of a clinic',
    'a provider rests',
    `update public.providers set status = 'inactive' where id = ${oneOf('providers', `status = 'active'`)}`,
    /^getClinicDashboardData, providers\(.* missing$/,
  ],
  [
    'providers of a clinic',
    'a value is nobody’s',
    `update public.metric_values set provider_id = null where id = ${recent}`,
    /^getClinicProviders\(.* \(values\) different$/,
  ],
  [
    'pages of providers',
    'a clone is at work',
    `update public.providers set status = 'active' where id in (
      select id from drover.crosswalk_provider_stand_ins where disposition = 'loaded')`,
    /^getProvidersWithLocationsPaginated\(.* \(status\) different$/,
  ],
  [
    'catalogue of metrics',
    'a metric is in another category',
    `update public.metric_definitions set category = 'treatment' where name = 'Gross Production'`,
    /\(category\) different$/,
  ],
  [
    'values of metrics',
    'dates are a day later',
    'update public.metric_values set metric_date = metric_date + 1',
    /\(day\) different$/,
  ],
  [
    'values of metrics',
    'values of every clinic show',
    'alter table public.metric_values disable row level security',
    /no member: .* too many$/,
  ],
  [
    'statistics of metrics',
    'a value counts twice',
    `insert into public.metric_values select (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(), 'external_id', null))).*
    from public.metric_values as v where id = ${recent}`,
    /^getMetricStatistics\(.* \(count, sum, average\) different$/,
  ],
  [
    'totals of metrics',
    'a stored sum is off by a cent',
    `update public.metric_aggregations set sum = sum + 0.01 where id = ${oneOf('metric_aggregations', `granularity = 'monthly' and period_start >= '2025-01-01'`)}`,
    /monthly, stored, .* \(sum(, average)?\) different$/,
  ],
  [
    'totals of metrics',
    'weeks begin on Monday',
    `update public.metric_aggregations set period_start = period_start + 1, period_end = period_end + 1 where granularity = 'weekly'`,
    /weekly, stored, .* missing$/,
  ],
  [
    'totals of metrics',
    'the last value is gone',
    `delete from public.metric_values where id = ${recent}`,
    /monthly, live, .* different$/,
  ],
  [
    'goals of a clinic',
    'a target is another',
    `update public.goals set target_value = target_value * 100 where id = ${oneOf('goals')}`,
    /^getGoals\(.* \(target(, percentage)?\) different$/,
  ],
  [
    'a goal and its progress',
    'a value that counts is on another day',
    `update public.metric_values set metric_date = '2019-01-01' where id = (
      select v.id from public.metric_values as v join public.goals as g on g.clinic_id = v.clinic_id
        and g.metric_definition_id = v.metric_definition_id and g.provider_id is not distinct from v.provider_id
        and v.metric_date between g.starts_on and g.ends_on
      where v.value <> 0 order by v.id limit 1)`,
    /^getGoalById\(.*: value [-0-9a-f]{36} missing$/,
  ],
  [
    'goals by template',
    'a goal has another period',
    `update public.goals set period = 'daily' where id = ${oneOf('goals', `period = 'monthly'`)}`,
    /^getGoalsByTemplate\(.* missing$/,
  ],
  [
    'goals by template',
    'there is a template',
    `insert into public.goal_templates select gen_random_uuid(), null, 'T', id, 'monthly' from public.metric_definitions limit 1`,
    /template [-0-9a-f]{36} too many$/,
  ],
  [
    'goals of a provider',
    'a goal is of nobody',
    `update public.goals set provider_id = null where id = ${oneOf('goals', 'provider_id is not null')}`,
    /^fetchProviderGoals\(.* missing$/,
  ],
  [
    'data sources',
    'a mapping leads to another metric',
    `update public.column_mappings set config = jsonb_set(config, '{columns,0,metric_definition_id}', to_jsonb(gen_random_uuid()))
    where id = ${oneOf('column_mappings')}`,
    /^getDataSources\(.* \(mappings\) different$/,
  ],
  [
    'data sources',
    'a connection works without a token',
    `update public.spreadsheet_connections set status = 'active' where credential_id is null`,
    /\(status\) different$/,
  ],
  [
    'history of a data source',
    'values have lost their sheet',
    `update public.metric_values set sheet_id = null where id in (
      select id from public.metric_values where sheet_id is not null order by created_at desc limit 1)`,
    /^getDataSourceSyncHistory\(.* missing$/,
  ],
]

describe('after damage, a probe finds', () => {
  // All that is done to what one probe asks is done to one database: copying them is most of the time.
  test.each([...probes.keys()])('%s', async (probe) => {
    const done = damages.filter(([asked]) => asked === probe)
    expect(done).not.toEqual([])
    await migrated.disconnect()
    const database = await createDatabase(migrated.name)
    for (const [, , by] of done) await database.query(by)
    const { wrong } = await ask(probe, database)
    const unnoticed = done.filter(([, , , complaint]) => !wrong.some((sentence) => complaint.test(sentence)))
    expect(unnoticed.map(([, damage]) => damage)).toEqual([])
    await database.drop()
  })
})

class RolledBack extends Error {}

/**
 * What becomes of a write, which is rolled back: what it returns, such as how many rows it wrote, or the SQLSTATE of
 * the refusal.
 */
async function tried<T>(
  app: AppClient,
  userId: string,
  write: (db: AppReader) => Promise<T>,
): Promise<T | string | undefined> {
  let written: T | undefined
  try {
    await asUser(app, userId, async (db) => {
      written = await write(db)
      throw new RolledBack()
    })
  } catch (error) {
    if (error instanceof RolledBack) return written
    return (error as { meta?: { driverAdapterError?: { cause: { originalCode: string } } } }).meta?.driverAdapterError
      ?.cause.originalCode
  }
}

describe('the application writes', () => {
  const writes = async <T>(use: (app: AppClient) => Promise<T>) =>
    (await withClients(migrated.url, ({ app }) => use(app)))!

  test('the last login of each user: exactly one row', async () => {
    await writes(async (app) => {
      const profiles = await app.profile.findMany()
      expect(profiles).toHaveLength(34)
      const counts: number[] = []
      const all = app.$transaction(async (db) => {
        for (const { id } of profiles) {
          const { count } = await db.profile.updateMany({ where: { id }, data: { lastLoginAt: new Date() } })
          counts.push(count)
        }
        throw new RolledBack()
      })
      await expect(all).rejects.toThrow(RolledBack)
      expect(new Set(counts)).toEqual(new Set([1]))
    })
  })

  test('a goal: whoever is a provider of the clinic or more, for one of its own providers', async () => {
    await writes(async (app) => {
      const { id: metricDefinitionId } = await app.metricDefinition.findFirstOrThrow()
      const members = await app.membership.findMany({ where: { user: { isSystemAdmin: false } } })
      const startsOn = new Date('2025-07-01')
      for (const { userId, clinicId, role } of members) {
        const create = (providerId: string | null) =>
          tried(app, userId, async (db) => {
            const goal = {
              metricDefinitionId,
              name: 'Goal',
              period: 'daily',
              status: 'active',
              targetValue: '1',
            } as const
            await db.goal.create({
              data: { id: randomUUID(), clinicId, providerId, startsOn, endsOn: startsOn, ...goal },
            })
            return 1
          })
        const isAllowed = role === 'provider' || role === 'clinic_admin'
        const own = await app.provider.findFirstOrThrow({ where: { clinicId } })
        const foreign = await app.provider.findFirstOrThrow({ where: { clinicId: { not: clinicId } } })
        expect([role, await create(own.id)]).toEqual([role, isAllowed ? 1 : '42501'])
        expect([role, await create(foreign.id)]).toEqual([role, isAllowed ? '23503' : '42501'])
      }
    })
  })

  test('an end to a goal: no row of another clinic', async () => {
    await writes(async (app) => {
      const goals = await app.goal.findMany()
      const admins = await app.membership.findMany({
        where: { role: 'clinic_admin', user: { memberships: { every: { role: 'clinic_admin' } } } },
      })
      for (const { userId } of admins) {
        const clinics = (await app.membership.findMany({ where: { userId } })).map(({ clinicId }) => clinicId)
        const own = goals.filter(({ clinicId }) => clinics.includes(clinicId)).length
        const cancel = async (db: AppReader) => (await db.goal.updateMany({ data: { status: 'cancelled' } })).count
        expect(await tried(app, userId, cancel)).toBe(own)
      }
    })
  })

  test('the mapping of a sheet as a whole: one version more, and one that is active', async () => {
    await writes(async (app) => {
      const mappings = await app.columnMapping.findMany({ where: { isActive: true } })
      expect(mappings.length).toBeGreaterThan(0)
      for (const { sheetId, clinicId, version } of mappings) {
        const save = async (db: AppReader) => {
          const { count } = await db.columnMapping.updateMany({
            where: { sheetId, isActive: true },
            data: { isActive: false },
          })
          const next = { id: randomUUID(), clinicId, sheetId, version: version + 1, config: { columns: [] } }
          await db.columnMapping.create({ data: next })
          return [count, await db.columnMapping.count({ where: { sheetId, isActive: true } })]
        }
        const { userId } = await app.membership.findFirstOrThrow({ where: { clinicId, role: 'clinic_admin' } })
        expect(await tried(app, userId, save)).toEqual([1, 1])
        const other = await app.membership.findFirst({ where: { clinicId, role: { not: 'clinic_admin' } } })
        if (other !== null) expect(await tried(app, other.userId, save)).toBe('42501')
      }
    })
  })

  test('a value: staff enter one, viewers do not, and none but an administrator deletes one', async () => {
    await writes(async (app) => {
      const { id: metricDefinitionId } = await app.metricDefinition.findFirstOrThrow({
        where: { dataType: 'currency' },
      })
      const members = await app.membership.findMany({ where: { user: { isSystemAdmin: false } } })
      for (const { userId, clinicId, role } of members) {
        const day = new Date('2025-06-02')
        const value = { metricDefinitionId, metricDate: day, observedAt: day, value: '12.5', source: 'form' } as const
        const enter = async (db: AppReader) => {
          await db.metricValue.create({ data: { id: randomUUID(), clinicId, ...value } })
          return 1
        }
        expect([role, await tried(app, userId, enter)]).toEqual([role, role === 'viewer' ? '42501' : 1])
        const { id } = await app.metricValue.findFirstOrThrow({ where: { clinicId } })
        const remove = async (db: AppReader) => (await db.metricValue.deleteMany({ where: { id } })).count
        expect([role, await tried(app, userId, remove)]).toEqual([role, role === 'clinic_admin' ? 1 : 0])
      }
    })
  })
})

describe('answers are compared', () => {
  const row = (key: string, order: string, fact = 'as it was'): Row => ({ key, order, facts: { fact } })
  const expected = [row('a', '3'), row('b', '2'), row('c', '2'), row('d', '1')]

  test('row by row, fact by fact, in order', () => {
    expect(differences('Q', expected, expected)).toEqual([])
    expect(differences('Q', expected, expected.slice(1))).toEqual(['Q: a missing'])
    expect(differences('Q', expected, [...expected, row('e', '0')])).toEqual(['Q: e too many'])
    expect(differences('Q', expected, expected.with(3, row('d', '1', 'another')))).toEqual(['Q: d (fact) different'])
    expect(differences('Q', expected, [...expected, expected[0]!])).toEqual(['Q: a row more than once'])
    expect(differences('Q', expected, expected.toReversed())).toEqual(['Q: another order from d on'])
  })

  test('rows that tie may come in any order, and stand for each other at the end', () => {
    const [a, b, c, d] = expected as [Row, Row, Row, Row]
    expect(differences('Q', expected, [a, c, b, d])).toEqual([])
    expect(differences('Q', expected, [a, c], 2)).toEqual([])
    expect(differences('Q', expected, [a, d], 2)).toEqual(['Q: another order from d on'])
    expect(differences('Q', expected, [b, c], 2)).toEqual(['Q: a missing'])
    expect(differences('Q', expected, [a], 2)).toEqual(['Q: 1 rows and not 2'])
    expect(differences('Q', expected, expected, 2)).toEqual(['Q: 4 rows and not 2'])
  })
})
