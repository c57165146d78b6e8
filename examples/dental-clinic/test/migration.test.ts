import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { cellsOf, everyCell } from '../../../packages/drover/test/support/cells.ts'
import { digest } from '../../../packages/drover/test/support/digest.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { compareWithManifest } from '../compare.ts'
import type { Manifest } from '../generator/manifest.ts'
import { allow, drover, startDrover } from './command.ts'
import { legacyTemplate } from './dental.ts'
import { outcomeOf, targetDigest, targetSchemas } from './outcome.ts'

let manifest: Manifest
let reference: TestDatabase

beforeAll(async () => {
  const legacy = await legacyTemplate()
  manifest = legacy.manifest
  reference = await createDatabase(legacy.name)
  const { code, stderr } = await drover(reference, 'run', 'migration.ts', ...allow)
  expect(stderr).not.toMatch(/error/i)
  expect(code).toBe(3)
}, 120_000)

describe('the reference migration, at scale S', () => {
  test('gives every row the outcome and code that the manifest names', async () => {
    const query = (text: string, values?: readonly unknown[]) => reference.query(text, values)
    expect(await compareWithManifest(query, manifest)).toEqual([])
  })

  test('metric values: 10,000 = 9,690 loaded + 130 merged + 180 quarantined', async () => {
    const [sums] = await reference.query(`
      select sum(read)::int as read, sum(loaded)::int as loaded, sum(merged)::int as merged, sum(quarantined)::int as quarantined
      from drover.chunk where mapping = 'metric_values'`)
    expect(sums).toEqual({ read: 10_000, loaded: 9690, merged: 130, quarantined: 180 })
  })

  test('users: 34 + 4 + 2, clinics: 5 + 1', async () => {
    const sums = await reference.query(`
      select mapping, sum(loaded)::int as loaded, sum(merged)::int as merged, sum(quarantined)::int as quarantined
      from drover.chunk where mapping in ('profiles', 'clinics') group by mapping order by mapping`)
    expect(sums).toEqual([
      { mapping: 'clinics', loaded: 5, merged: 1, quarantined: 0 },
      { mapping: 'profiles', loaded: 34, merged: 4, quarantined: 2 },
    ])
  })

  // What a server computes otherwise than others would show here: it is run on other versions too.
  test('the target of a seed does not change between servers and versions', async () => {
    expect(await targetDigest(reference)).toMatchInlineSnapshot(`
      {
        "auth.identities": "34 -61966248750108716749 7085763598499942794",
        "auth.users": "34 -35869042651974271872 -2411682113825945671",
        "public.clinic_invitations": "0",
        "public.clinics": "5 -8327056842665522486 6975154098054227481",
        "public.column_mappings": "12 438572003195891351 -35256017867702612329",
        "public.connection_sheets": "12 -16868630631613025530 -1148920116613399417",
        "public.dashboards": "49 -2130208193775410775 -40545796894098349599",
        "public.goal_templates": "0",
        "public.goals": "289 21427982836865534280 -38833262487493704307",
        "public.google_credentials": [
          {
            "row": {
              "clinic_id": "7d4d2e85-1932-5fc4-b73b-843eba4710e1",
              "connected_by": null,
              "created_at": "2022-02-27T02:54:20.008+00:00",
              "expires_at": "2025-06-01T00:57:40.008+00:00",
              "id": "02bdf8bf-0297-5e34-b366-66247a23cffc",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "active",
              "token_fingerprint": "\\x9c1bcdfbd14ac91afc63ec1c5e9a7a8eac75adf766e9e094e9b38b1885a38c36",
              "updated_at": "2022-03-31T02:54:20.008+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "ec4b3f63-f030-558f-b090-310650feed52",
              "connected_by": null,
              "created_at": "2022-03-30T01:40:19.004+00:00",
              "expires_at": "2025-04-01T07:53:00+00:00",
              "id": "8a37ebc3-18e8-507b-b8ae-ff9303a11a8d",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "needs_reauth",
              "token_fingerprint": "\\x0c07571ded239d1394c0ccf789df9245cf0678f4a618f11b7e212d5b1bd59be8",
              "updated_at": "2022-10-09T01:40:19.004+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "0cec070a-d134-5ee1-9c3f-47c9e89acd35",
              "connected_by": null,
              "created_at": "2022-02-02T04:46:02.01+00:00",
              "expires_at": "2025-06-01T01:25:58.01+00:00",
              "id": "9ff21bff-ba27-5856-a508-fcd26a5dcd3d",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "active",
              "token_fingerprint": "\\xa5c5273e6c2b5a4df5dd08b78fd2ffc462b487b06d7d41b53ab56c6ad7131368",
              "updated_at": "2022-03-29T04:46:02.01+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "7d4d2e85-1932-5fc4-b73b-843eba4710e1",
              "connected_by": null,
              "created_at": "2022-02-04T13:28:52.006+00:00",
              "expires_at": "2025-06-01T01:10:02.006+00:00",
              "id": "ac17ca93-f349-578e-ac32-4709642acb2d",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "active",
              "token_fingerprint": "\\xa5c5273e6c2b5a4df5dd08b78fd2ffc462b487b06d7d41b53ab56c6ad7131368",
              "updated_at": "2022-02-08T13:28:52.006+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "68ccd78a-9b98-5d9c-a17e-6d8150fdfb5d",
              "connected_by": null,
              "created_at": "2022-02-23T14:59:21.009+00:00",
              "expires_at": "2025-06-01T01:22:04.009+00:00",
              "id": "b7a6482b-e8e3-580a-8382-3baf77157a9c",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "active",
              "token_fingerprint": "\\xe185dbc46809a80b084aeca69ed9b2d34df879c9835531a70376338da57658ac",
              "updated_at": "2022-03-13T14:59:21.009+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "68ccd78a-9b98-5d9c-a17e-6d8150fdfb5d",
              "connected_by": null,
              "created_at": "2022-01-16T02:10:23.003+00:00",
              "expires_at": "2025-04-01T10:29:18+00:00",
              "id": "e450345f-c0e2-5a9b-9cd8-a3b1b2fc5454",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "needs_reauth",
              "token_fingerprint": "\\x946527e2b371d37d92a677437b81d600957fb6805c74906b5af9e0ea05d396bd",
              "updated_at": "2022-07-07T02:10:23.003+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "0cec070a-d134-5ee1-9c3f-47c9e89acd35",
              "connected_by": null,
              "created_at": "2022-03-16T01:44:23.007+00:00",
              "expires_at": "2025-06-01T01:29:40.007+00:00",
              "id": "f35d275a-7e00-5d1c-89b5-f6633a2e4f46",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "active",
              "token_fingerprint": "\\x4c00eb059603be2d26bf76440094ed07685a873ad36d1fb639b661fa12dea2bd",
              "updated_at": "2022-09-05T01:44:23.007+00:00",
            },
          },
          {
            "row": {
              "clinic_id": "663b7957-e79f-5efa-9065-bc30c8f15520",
              "connected_by": null,
              "created_at": "2022-04-25T13:58:21.005+00:00",
              "expires_at": "2025-04-01T18:20:42+00:00",
              "id": "f6ce6741-f23b-5e75-a170-22ee185dd070",
              "key_id": "8b433853",
              "scopes": [
                "https://www.googleapis.com/auth/spreadsheets",
                "https://www.googleapis.com/auth/drive.readonly",
              ],
              "status": "needs_reauth",
              "token_fingerprint": "\\x4234f30b2bcdbcbfe435ddfd45ef504e04ac3da1352a3a53e99d6a579089070e",
              "updated_at": "2022-08-07T13:58:21.005+00:00",
            },
          },
        ],
        "public.locations": "5 -8364514712272086730 3327545604990183852",
        "public.metric_aggregations": "39573 1175120349676295327017 481425492706980783284",
        "public.metric_definitions": "20 35415998764895174417 -2208939149834297187",
        "public.metric_values": "9690 548411371501549534271 881574502857802253160",
        "public.profiles": "34 -59636957614523378800 8817685041414159694",
        "public.provider_locations": "24 9473044558593685276 12095915639652639482",
        "public.providers": "32 32465666244948542461 58509103993435726638",
        "public.spreadsheet_connections": "10 21270653746584739502 -22420121122863545689",
        "public.user_clinic_roles": "34 -12247702537193426586 94520827363677509639",
        "public.widgets": "296 20722334524005291914 28717724842981821247",
      }
    `)
  })

  test('verifies', async () => {
    const { code } = await drover(reference, 'verify')
    expect(code).toBe(0)
  })

  test('a second run changes nothing and says so', async () => {
    const before = await digest(reference, [...targetSchemas, 'drover'])
    const { code, stdout, stderr } = await drover(reference, 'run', 'migration.ts', ...allow)
    expect(code).toBe(3)
    expect(stdout + stderr).toMatch(/nothing was changed/i)
    expect(await digest(reference, [...targetSchemas, 'drover'])).toEqual(before)
  })
})

/** What holds of chunks and processes holds of few rows in many chunks. Every cell: at scale S as well. */
const sizes = [
  { scale: 'xs', manyChunks: '20', killed: '20', kills: 1 },
  { scale: 's', manyChunks: '100', killed: '1000', kills: 5 },
] as const

describe.each(everyCell ? sizes : sizes.slice(0, 1))('at scale $scale, however it is carried out', (size) => {
  let name: string
  let expected: unknown
  let undisturbedMs: number

  beforeAll(async () => {
    name = (await legacyTemplate(size.scale)).name
    const database = await createDatabase(name)
    const started = performance.now()
    const { code, stderr } = await drover(database, 'run', 'migration.ts', ...allow)
    undisturbedMs = performance.now() - started
    expect(code, stderr).toBe(3)
    expected = await outcomeOf(database)
  })

  // I7
  const ways = [
    ['4', size.manyChunks],
    ['1', size.manyChunks],
    ['4', '50000'],
  ] as const
  test.each(cellsOf(ways, 2))('%s workers, chunks of %s rows: the same target', async (workers, rows) => {
    const database = await createDatabase(name)
    await drover(database, 'run', 'migration.ts', ...allow, '--workers', workers, '--chunk-rows', rows)
    expect(await outcomeOf(database)).toEqual(expected)
    await database.drop()
  })

  // I1, I3
  test('killed at random moments and resumed: the same target', async () => {
    const chunks = ['--chunk-rows', size.killed]
    for (let killed = 0; killed < size.kills; ) {
      const database = await createDatabase(name)
      const child = startDrover(database, 'run', 'migration.ts', ...allow, ...chunks)
      const closed = once(child, 'close')
      await sleep((0.1 + Math.random() * 0.8) * undisturbedMs)
      // A run that was over before shows nothing: it is compared, and not counted.
      if (child.kill('SIGKILL')) killed++
      await closed
      const { code } = await drover(database, 'run', 'migration.ts', ...allow, ...chunks)
      expect(code).toBe(3)
      expect(await outcomeOf(database)).toEqual(expected)
      await database.drop()
    }
  }, 180_000)
})
