import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { allow, drover, ended, startWithKey, tokenKey } from './command.ts'
import { legacyTemplate } from './dental.ts'

let database: TestDatabase
let tokens: readonly string[]
/** What the migration's commands said, and what pg_stat_activity showed while tokens were on their way. */
let said = ''

beforeAll(async () => {
  const { name } = await legacyTemplate()
  database = await createDatabase(name)
  // Sources that are set aside: their originals go to quarantine.
  await database.query(`
    insert into legacy.data_sources
    select 'bad-' || n, name, case n when 1 then ' ' else spreadsheet_id end, case n when 2 then '' else sheet_name end,
      last_synced_at, sync_frequency, connection_status, app_script_id, 'ya29.access-' || n, '1//refresh-' || n,
      expiry_date, case n when 3 then 'nowhere' else clinic_id end, created_at, updated_at
    from generate_series(1, 3) as n, (select * from legacy.data_sources order by id limit 1) as model`)
  const rows = await database.query<{ token: string }>(
    `select distinct token from legacy.data_sources, unnest(array[access_token, refresh_token]) as token where token <> ''`,
  )
  tokens = rows.map(({ token }) => token)
  said += await runWithoutKey()
  said += await runUnderObservation()
  for (const args of [
    ['verify'],
    ['status'],
    ['status', '--json'],
    ['plan', 'migration.ts', '--sql'],
    ['quarantine', 'list', '--json'],
    ['quarantine', 'show', 'bad-1', '--mapping', 'spreadsheet_connections', '--show-values'],
    ['quarantine', 'export', '--mapping', 'spreadsheet_connections', '--show-values'],
    ['merges', 'list', '--mapping', 'auth_users'],
  ]) {
    const { stdout, stderr } = await drover(database, ...args)
    said += stdout + stderr
  }
  for (const format of ['json', 'markdown']) {
    const file = join(tmpdir(), `${database.name}.${format}`)
    await drover(database, 'report', '--format', format, '--out', file)
    said += await readFile(file, 'utf8')
    await rm(file)
  }
}, 120_000)

/** The row function throws, and the run fails. */
async function runWithoutKey(): Promise<string> {
  const { code, stdout, stderr } = await ended(startWithKey('', database, ['run', 'migration.ts', ...allow]))
  expect(code).toBe(1)
  return stdout + stderr
}

/** Holds the chunk that writes the credentials up, and reads what every session shows of its statement. */
async function runUnderObservation(): Promise<string> {
  const blocker = new pg.Client({ connectionString: database.url })
  await blocker.connect()
  await blocker.query('begin; lock table public.google_credentials in share mode')
  const finished = drover(database, 'run', 'migration.ts', ...allow)
  let shown = ''
  while (!/google_credentials chunk/.test(shown)) {
    const rows = await database.query(`select string_agg(query, E'\\n') as queries from pg_stat_activity`)
    shown = String(rows[0]!.queries)
    await sleep(20)
  }
  await blocker.end()
  const { code, stdout, stderr } = await finished
  expect(code).toBe(3)
  return shown + stdout + stderr
}

/** In which tables a token stands, in clear, in hexadecimal or in base 64. */
async function tablesWithTokens(schemas: readonly string[], secrets = tokens): Promise<readonly string[]> {
  const needles = secrets.flatMap((token) => {
    const bytes = Buffer.from(token)
    return [token, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')]
  })
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace as n on n.oid = relnamespace
    where relkind in ('r', 'p', 'm') and nspname = any ($1) order by 1`,
    [schemas],
  )
  const found: string[] = []
  for (const { name } of tables) {
    const [row] = await database.query<{ rows: string | null }>(
      `select string_agg(t::text, E'\\n') as rows from ${name} as t`,
    )
    if (needles.some((needle) => row!.rows?.includes(needle))) found.push(name)
  }
  return found
}

test('no table holds a token in clear, but for the source', async () => {
  expect(tokens.length).toBe(20)
  const others = await database.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'legacy')`,
  )
  const names = others.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['drover', 'public', 'auth']))
  expect(await tablesWithTokens(names)).toEqual([])
  expect(await tablesWithTokens(['legacy'])).toEqual(['legacy.data_sources'])
})

test('the ledger holds no hash of a password', async () => {
  const rows = await database.query<{ hash: string }>('select hash from migration_input.password')
  const hashes = rows.map(({ hash }) => hash)
  expect(await tablesWithTokens(['drover'], hashes)).toEqual([])
  expect(await tablesWithTokens(['auth'], hashes)).toEqual(['auth.users'])
  expect(hashes.filter((hash) => said.includes(hash))).toEqual([])
})

test('the sources that were set aside are kept without their tokens', async () => {
  const rows = await database.query(
    `select mapping, source_key, code, original ?| array['access_token', 'refresh_token'] as has_token,
      original ? 'spreadsheet_id' as has_rest
    from drover.quarantine where source_key like 'bad-%' order by mapping, source_key`,
  )
  const kept = { has_token: false, has_rest: true }
  expect(rows).toEqual([
    { mapping: 'connection_sheets', source_key: 'bad-1', code: 'waiting', ...kept },
    { mapping: 'connection_sheets', source_key: 'bad-2', code: 'no-sheet', ...kept },
    { mapping: 'connection_sheets', source_key: 'bad-3', code: 'waiting', ...kept },
    { mapping: 'google_credentials', source_key: 'bad-3', code: 'orphan-clinic', ...kept },
    { mapping: 'spreadsheet_connections', source_key: 'bad-1', code: 'no-spreadsheet', ...kept },
    { mapping: 'spreadsheet_connections', source_key: 'bad-3', code: 'orphan-clinic', ...kept },
  ])
})

test('no message, report or statement shows a token', () => {
  expect(said).toMatch(/MissingTokenKey/)
  expect(said).toMatch(/google_credentials chunk/)
  expect(tokens.filter((token) => said.includes(token))).toEqual([])
})

test('decrypted under its own row and column, every token is the legacy one', async () => {
  const rows = await database.query<Record<string, string> & { access: Buffer; refresh: Buffer | null; mark: Buffer }>(`
    select c.id, c.access_token_enc as access, c.refresh_token_enc as refresh, c.token_fingerprint as mark,
      d.access_token, d.refresh_token, w.disposition
    from drover.crosswalk_google_credentials as w
    join legacy.data_sources as d on d.id = w.source_key
    join public.google_credentials as c on c.id = w.id`)
  expect(rows).toHaveLength(12)
  for (const row of rows) {
    const decrypted = decrypt(row.access, ['google_credentials', row.id!, 'access_token_enc'])
    if (row.disposition === 'loaded') expect(decrypted).toBe(row.access_token)
    if (row.refresh !== null) {
      expect(decrypt(row.refresh, ['google_credentials', row.id!, 'refresh_token_enc'])).toBe(row.refresh_token)
    }
    expect(row.refresh === null).toBe(row.refresh_token === null)
    const mark = createHmac('sha256', keyFor('fingerprint')).update(row.refresh_token ?? row.access_token!)
    expect(row.mark.equals(mark.digest())).toBe(true)
  }
  const [first, second] = rows.filter(({ disposition }) => disposition === 'loaded')
  expect(() => decrypt(first!.access, ['google_credentials', second!.id!, 'access_token_enc'])).toThrow()
  expect(() => decrypt(first!.access, ['google_credentials', first!.id!, 'refresh_token_enc'])).toThrow()
  const ciphertexts = await database.query<{ bytes: Buffer }>(`
    select bytes from public.google_credentials, unnest(array[access_token_enc, refresh_token_enc]) as bytes
    where bytes is not null`)
  expect(new Set(ciphertexts.map(({ bytes }) => bytes.toString('hex', 1, 13))).size).toBe(ciphertexts.length)
})

test('a credential is of the clinic of its sources, and their connection has one of theirs', async () => {
  const [row] = await database.query(`
    select count(*)::int as n,
      (count(*) filter (where c.clinic_id <> clinic.id))::int as elsewhere,
      count(distinct connection.id)::int as connections,
      (count(distinct connection.id) filter (where connection.credential_id = c.id))::int as connected
    from drover.crosswalk_google_credentials as w
    join legacy.data_sources as d on d.id = w.source_key
    join drover.crosswalk_clinics as clinic on clinic.source_key = d.clinic_id
    join drover.crosswalk_spreadsheet_connections as x on x.source_key = w.source_key and x.id is not null
    join public.spreadsheet_connections as connection on connection.id = x.id
    join public.google_credentials as c on c.id = w.id`)
  expect(row).toEqual({ n: 11, elsewhere: 0, connections: 8, connected: 8 })
})

function decrypt(bytes: Buffer, place: readonly string[]): string {
  const decipher = createDecipheriv('aes-256-gcm', keyFor('encryption'), bytes.subarray(1, 13))
  decipher.setAAD(Buffer.concat([bytes.subarray(0, 1), Buffer.from(JSON.stringify(place))]))
  decipher.setAuthTag(bytes.subarray(13, 29))
  return decipher.update(bytes.subarray(29), undefined, 'utf8') + decipher.final('utf8')
}

function keyFor(purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', tokenKey, '', purpose, 32))
}
