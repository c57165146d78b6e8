import { fileURLToPath } from 'node:url'
import { createSchemas } from '../../examples/dental-clinic/database.ts'
import { generate } from '../../examples/dental-clinic/generator/index.ts'
import { allow } from '../../examples/dental-clinic/test/command.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { lifecycleClaims } from '../lifecycle/claims.ts'
import { lifecycleOf } from '../lifecycle/variants.ts'

const example = fileURLToPath(new URL('../../examples/dental-clinic/', import.meta.url))

async function measureReference({ rows, rounds }: Settings): Promise<PartResult> {
  const scale = rows >= 1_000_000 ? 'm' : 's'
  const server = await startServer()
  try {
    await withClient(server.url, async (client) => {
      await createSchemas(client)
      await generate(async (text) => (await client.query(text)).rows ?? [], { scale, seed: 1, foreignKeys: 'loose' })
    })
    const subject = {
      url: server.url,
      call: { cwd: example, env: { DROVER_EXAMPLE_TOKEN_KEY: Buffer.alloc(32, 7).toString('base64') } },
      migration: 'migration.ts',
      allowed: allow,
      // The rollback of the round before has emptied the target.
      prepare: () =>
        withClient(server.url, async (client) => {
          await client.query('drop schema if exists drover cascade')
          await client.query('checkpoint')
        }),
    }
    const measured = await takeRounds(lifecycleOf(subject), { rounds, only: [] })
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: `the reference migration, scale ${scale.toUpperCase()}`, measured }],
      claims: lifecycleClaims(measured),
    }
  } finally {
    await server.stop()
  }
}

export default {
  about: 'the same of the reference migration, 19 mappings: 10,000 metric values, or 1,000,000 with --rows 1000000',
  rows: { usual: 10_000, quick: 10_000 },
  measure: measureReference,
} satisfies Part
