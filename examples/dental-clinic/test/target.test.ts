import { describe, expect, test } from 'vitest'
import { createDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { load } from './generated.ts'

const [ann, ben, sys] = [1, 2, 3].map((n) => `00000000-0000-5000-8000-00000000000${n}`)
const [clinicA, clinicB] = [1, 2].map((n) => `10000000-0000-5000-8000-00000000000${n}`)
const metric = '20000000-0000-5000-8000-000000000001'

/** Ann administers clinic A, Ben is staff in clinic B, a system admin belongs to none; each clinic has one value. */
async function createTarget() {
  const database = await createDatabase()
  await database.query('set search_path = pg_catalog')
  await load(database, 'target')
  await database.query(`
    insert into auth.users (id, email) values ('${ann}', 'ann@x'), ('${ben}', 'ben@x'), ('${sys}', 'sys@x');
    insert into public.clinics (id, name, location_label, timezone)
      values ('${clinicA}', 'A', 'x', 'UTC'), ('${clinicB}', 'B', 'x', 'UTC');
    insert into public.profiles (id, email, full_name, is_system_admin)
      select id, email, email, email = 'sys@x' from auth.users;
    insert into public.user_clinic_roles (id, user_id, clinic_id, role) values
      (gen_random_uuid(), '${ann}', '${clinicA}', 'clinic_admin'), (gen_random_uuid(), '${ben}', '${clinicB}', 'staff');
    insert into public.metric_definitions (id, code, name, data_type, category, rollup)
      values ('${metric}', 'm', 'm', 'integer', 'financial', 'sum');
    insert into public.metric_values (id, clinic_id, metric_definition_id, metric_date, observed_at, value, source)
      select gen_random_uuid(), id, '${metric}', '2025-01-01', now(), 1, 'manual' from public.clinics`)
  /** Runs a statement as the application would for a signed-in user, or for nobody; what it writes is taken back. */
  const as = async (user: string | null, sql: string, role: 'authenticated' | 'anon' = 'authenticated') => {
    await database.query('begin')
    try {
      const claims = user === null ? '' : JSON.stringify({ sub: user })
      await database.query(`select set_config('request.jwt.claims', $1, true)`, [claims])
      await database.query(`set local role ${role}`)
      return await database.query(sql)
    } finally {
      await database.query('rollback')
    }
  }
  return { database, as }
}

const insertValue = (clinic: string | undefined) =>
  `insert into public.metric_values (id, clinic_id, metric_definition_id, metric_date, observed_at, value, source)
    values (gen_random_uuid(), '${clinic}', '${metric}', '2025-01-02', now(), 1, 'manual')`

describe('the target schema', async () => {
  const { database, as } = await createTarget()

  test('loads under any search path, beside the legacy schema, and where its roles exist already', async () => {
    const other = await createDatabase()
    await load(other, 'legacy-tables')
    await expect(load(other, 'target')).resolves.toBeUndefined()
  })

  test('shows a member his own clinic in every table', async () => {
    expect(await as(ann!, 'select clinic_id from public.metric_values')).toEqual([{ clinic_id: clinicA }])
    expect(await as(ann!, 'select id from public.clinics')).toEqual([{ id: clinicA }])
    expect(await as(ann!, 'select id from public.profiles')).toEqual([{ id: ann }])
    expect(await as(ben!, 'select clinic_id from public.user_clinic_roles')).toEqual([{ clinic_id: clinicB }])
  })

  test('shows a system admin all clinics, and nobody none', async () => {
    expect(await as(sys!, 'select id from public.clinics order by name')).toEqual([{ id: clinicA }, { id: clinicB }])
    expect(await as(null, 'select id from public.clinics')).toEqual([])
  })

  test('refuses writes into another clinic', async () => {
    // Without returning, which would need to read the row and be refused for that reason.
    await expect(as(ann!, insertValue(clinicA))).resolves.toEqual([])
    await expect(as(ann!, insertValue(clinicB))).rejects.toMatchObject({ code: '42501' })
    expect(
      await as(ann!, `update public.metric_values set value = 2 where clinic_id = '${clinicB}' returning id`),
    ).toEqual([])
    expect(await as(ann!, `delete from public.metric_values where clinic_id = '${clinicB}' returning id`)).toEqual([])
  })

  test('lets nobody promote himself', async () => {
    expect(await as(ben!, 'update public.profiles set is_system_admin = true returning id')).toEqual([])
    expect(await as(ben!, `update public.user_clinic_roles set role = 'clinic_admin' returning id`)).toEqual([])
  })

  test('keeps credentials from every user, and every table and helper from anon', async () => {
    await expect(as(ann!, 'select from public.google_credentials')).rejects.toMatchObject({ code: '42501' })
    await expect(as(null, 'select from public.clinics', 'anon')).rejects.toMatchObject({ code: '42501' })
    await expect(as(null, 'select app_private.my_clinics()', 'anon')).rejects.toMatchObject({ code: '42501' })
    expect(
      await database.query(`select proname from pg_proc where pronamespace = 'app_private'::regnamespace
        and has_function_privilege('anon', oid, 'execute')`),
    ).toEqual([])
  })

  test('has row-level security on every table', async () => {
    const rows = await database.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity`,
    )
    expect(rows).toEqual([])
  })

  test('refuses a column mapping without columns', async () => {
    await database.query(`
      insert into public.spreadsheet_connections (id, clinic_id, spreadsheet_id, name) values ('${ann}', '${clinicA}', 's', 's');
      insert into public.connection_sheets (id, connection_id, clinic_id, sheet_name, label) values ('${ann}', '${ann}', '${clinicA}', 's', 's')`)
    const insert = (config: string) =>
      database.query(
        `insert into public.column_mappings (id, sheet_id, clinic_id, config) values (gen_random_uuid(), '${ann}', '${clinicA}', '${config}')`,
      )
    await expect(insert('{}')).rejects.toMatchObject({ code: '23514' })
    await expect(insert('{"columns": []}')).resolves.toEqual([])
  })
})
