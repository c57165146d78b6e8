import { expect, test } from 'vitest'
import { digest } from '../../../packages/drover/test/support/digest.ts'
import { createGenerated } from './generated.ts'

async function contents(seed: number) {
  const { database, manifest } = await createGenerated({ scale: 's', seed, foreignKeys: 'loose' })
  return { digests: await digest(database, ['legacy', 'migration_input', 'auth']), manifest }
}

test('one seed gives the same rows and the same manifest in every database', async () => {
  const [first, second] = [await contents(42), await contents(42)]
  expect(second.digests).toEqual(first.digests)
  expect(second.manifest).toEqual(first.manifest)
})

test('the rows of a seed do not change between servers and versions', async () => {
  const { database } = await createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })
  // Without auth, whose times would be printed in the server's zone.
  expect(await digest(database, ['legacy', 'migration_input'])).toMatchInlineSnapshot(`
    {
      "legacy.clinics": "6 -2093236655467125262 -11783340931349637134",
      "legacy.column_mappings": "60 23055824388956448865 28563801422192916690",
      "legacy.dashboards": "50 41775927071495368329 33700573127670657745",
      "legacy.data_sources": "12 -2974243938964386762 1938113049200092903",
      "legacy.goals": "300 -71010710360946337154 45768949984582333487",
      "legacy.metric_definitions": "20 2966018160983531097 813626358565090053",
      "legacy.metric_values": "10000 131312838692126099909 227982711424697281835",
      "legacy.providers": "24 -25679170648366477119 -12385814173050915111",
      "legacy.users": "40 24246324444712925304 114734585920711243",
      "legacy.widgets": "300 192491494615688955233 38998838966867287518",
      "migration_input.clinic": "5 -1415724486223893352 6383558596690168229",
      "migration_input.password": "10 20074131254076153546 41486946252704258594",
      "migration_input.source": "10 19546688826430163067 -5202409855869877140",
    }
  `)
})

test('another seed gives other rows in every table', async () => {
  const [first, second] = [await contents(1), await contents(2)]
  for (const [table, value] of Object.entries(first.digests))
    expect([table, second.digests[table]]).not.toEqual([table, value])
})
