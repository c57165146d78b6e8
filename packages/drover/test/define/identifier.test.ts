import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { derivedUuid, sql, type text, uuidv7From } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
await database.query('create schema extensions; create extension "uuid-ossp" schema extensions')

const urls = '6ba7b811-9dad-11d1-80b4-00c04fd430c8'
const domains = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const dental = '19dca0fd-1545-57f7-bbb7-e1e71ed10f26'

const keys = [
  'clinics:cmbk373hc0000i2uk8pel5elu',
  'www.example.com',
  'user-1716480000000',
  '550E8400-E29B-41D4-A716-446655440000',
  '550e8400-e29b-41d4-a716-446655440000',
  '',
  ' ',
  'ключ',
  '鍵',
  '🔑',
  'e\u0301',
  '\u00e9',
  "o'brien\\",
  'x'.repeat(10_000),
]

/** RFC 9562: the first 128 bits with version and variant written over them. */
function stamped(hash: Buffer, version: 5 | 7 | 8): string {
  const bytes = Buffer.from(hash.subarray(0, 16))
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')
const version5 = (namespace: string, name: string) =>
  stamped(createHash('sha1').update(bytesOf(namespace)).update(name).digest(), 5)
const sha256 = (name: string, namespace?: string) =>
  createHash('sha256')
    .update(namespace === undefined ? '' : bytesOf(namespace))
    .update(name)
    .digest()
const version8 = (name: string, namespace?: string) => stamped(sha256(name, namespace), 8)
const version7 = (milliseconds: bigint, name: string, namespace?: string) => {
  const bytes = Buffer.alloc(16)
  bytes.writeBigUInt64BE(milliseconds << 16n)
  sha256(name, namespace).copy(bytes, 6, 0, 10)
  return stamped(bytes, 7)
}

test('version 8 is what Node computes from the same bytes', async () => {
  const rows = await carry(
    database,
    { x: 'text' },
    [...keys, null].map((x) => ({ x })),
    ({ x }) => ({
      plain: ['uuid', derivedUuid(x!)],
      ofUser: ['uuid', derivedUuid(x!, { entity: "user's" })],
      spaced: ['uuid', derivedUuid(x!, { namespace: dental })],
      both: ['uuid', derivedUuid(x!, { namespace: dental.toUpperCase(), entity: 'clinics' })],
    }),
  )
  expect(rows.map((row) => row.values)).toEqual([
    ...keys.map((key) => ({
      plain: version8(key),
      ofUser: version8(`user's:${key}`),
      spaced: version8(key, dental),
      both: version8(`clinics:${key}`, dental),
    })),
    { plain: null, ofUser: null, spaced: null, both: null },
  ])
  expect(version8('x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('version 5 is that of RFC 9562, and of the reference migration', async () => {
  const rows = await carry(
    database,
    { x: 'text' },
    [...keys, null].map((x) => ({ x })),
    ({ x }) => ({
      url: ['uuid', derivedUuid(x!, { version: 5 })],
      domain: ['uuid', derivedUuid(x!, { version: 5, namespace: domains })],
      dental: ['uuid', derivedUuid(x!, { version: 5, namespace: dental })],
      clinic: ['uuid', derivedUuid(x!, { version: 5, namespace: dental, entity: 'clinics' })],
    }),
  )
  expect(rows.map((row) => row.values)).toEqual([
    ...keys.map((key) => ({
      url: version5(urls, key),
      domain: version5(domains, key),
      dental: version5(dental, key),
      clinic: version5(dental, `clinics:${key}`),
    })),
    { url: null, domain: null, dental: null, clinic: null },
  ])
  // RFC 9562, A.4, and reference-migration, section 3.
  expect(rows[1]!.values!.domain).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
  expect(rows[0]!.values!.dental).toBe('937e15c9-0e7f-5f42-8c0a-3f5fdebaef35')
})

test('a key that is computed with an operator is one operand', async () => {
  const rows = await carry(database, { x: 'jsonb' }, [{ x: '{"id": "7"}' }], ({ x }) => ({
    y: ['uuid', derivedUuid(sql<text>`${x} ->> 'id'`, { entity: 'clinics' })],
  }))
  expect(rows[0]!.values).toEqual({ y: version8('clinics:7') })
})

test('keys that differ give ids that differ', async () => {
  const all = Array.from({ length: 500 }, (_, i) => `${i % 2 ? 'c' : 'C'}${i >> 1}`)
  const rows = await carry(
    database,
    { x: 'text' },
    all.map((x) => ({ x })),
    ({ x }) => ({ y: ['uuid', derivedUuid(x!)] }),
  )
  expect(new Set(rows.map((row) => row.values!.y)).size).toBe(500)
})

test('without the extension, version 5 is refused with the statement that helps', async () => {
  const bare = await createDatabase()
  await expect(
    carry(bare, { x: 'text' }, [{ x: 'a' }], ({ x }) => ({ y: ['uuid', derivedUuid(x!, { version: 5 })] })),
  ).rejects.toMatchObject({
    code: 'definition-invalid',
    findings: [expect.stringContaining('create extension "uuid-ossp"')],
  })
})

const lastMillisecond = 2n ** 48n - 1n
/** Times and their milliseconds since 1970, or the end of the format that is nearest; in ascending order. */
const times: readonly (readonly [time: string, milliseconds: bigint])[] = [
  ['-infinity', 0n],
  ['4714-11-24 00:00Z BC', 0n],
  ['1969-12-31 23:59:59.999999Z', 0n],
  ['1970-01-01 00:00:00.000999Z', 0n],
  ['1970-01-01 00:00:00.001Z', 1n],
  ['2025-05-31 23:59:59.999999Z', 1748735999999n],
  ['2025-06-01 00:00Z', 1748736000000n],
  ['10889-08-02 05:31:50.655Z', lastMillisecond],
  ['10889-08-02 05:31:50.656Z', lastMillisecond],
  ['294276-12-31 23:59:59.999999Z', lastMillisecond],
  ['infinity', lastMillisecond],
]

test('version 7 is what Node computes from the same time and bytes', async () => {
  const inputs = [
    ...times.map(([at, milliseconds]) => ({ at, milliseconds, x: 'cmbk373hc0000i2uk8pel5elu' })),
    ...keys.map((x) => ({ at: '2025-05-31 12:00:00.123456Z', milliseconds: 1748692800123n, x })),
  ]
  const rows = await carry(
    database,
    { at: 'timestamptz', x: 'text' },
    inputs.map(({ at, x }) => ({ at, x })),
    ({ at, x }) => ({
      plain: ['uuid', uuidv7From(at!, x!)],
      ofUser: ['uuid', uuidv7From(at!, x!, { entity: "user's" })],
      both: ['uuid', uuidv7From(at!, x!, { entity: 'clinics', namespace: dental.toUpperCase() })],
    }),
  )
  expect(rows.map((row) => row.values)).toEqual(
    inputs.map(({ milliseconds, x }) => ({
      plain: version7(milliseconds, x),
      ofUser: version7(milliseconds, `user's:${x}`),
      both: version7(milliseconds, `clinics:${x}`, dental),
    })),
  )
  expect(version7(1n, 'x')).toMatch(/^00000000-0001-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const sorted = await database.query<{ uuid: string }>(
    `select uuid from unnest($1::uuid[]) with ordinality as made (uuid, position) order by uuid, position`,
    [rows.slice(0, times.length).map((row) => row.values!.plain)],
  )
  expect(sorted.map((row) => row.uuid)).toEqual(rows.slice(0, times.length).map((row) => row.values!.plain))
})

test('version 7 needs both the time and the key; keys of one millisecond still differ', async () => {
  const at = '1901-01-01 00:00Z'
  const rows = await carry(
    database,
    { at: 'timestamptz', x: 'text' },
    [...Array.from({ length: 300 }, (_, i) => ({ at, x: `k${i}` })), { at: null, x: 'a' }, { at, x: null }],
    ({ at, x }) => ({ y: ['uuid', uuidv7From(at!, x!)], z: ['uuid', uuidv7From(at!, sql<text>`${x} || ''`)] }),
  )
  expect(new Set(rows.slice(0, 300).map((row) => row.values!.y)).size).toBe(300)
  expect(rows.slice(300).map((row) => row.values)).toEqual(Array(2).fill({ y: null, z: null }))
  expect(rows.every((row) => row.values!.y === row.values!.z)).toBe(true)
})
