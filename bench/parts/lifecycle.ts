import type { Part, PartResult } from '../harness/part.ts'
import { startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { lifecycleClaims } from '../lifecycle/claims.ts'
import { lifecycleOf } from '../lifecycle/variants.ts'
import { makeLegacyValues } from '../metric-values/legacy.ts'
import { makeTarget } from '../metric-values/target.ts'
import { allowed, migration } from '../metric-values/variants.ts'

async function measureLifecycle({ rows, rounds }: Settings): Promise<PartResult> {
  const server = await startServer()
  const { url } = server
  try {
    await withClient(url, (client) => makeLegacyValues(client, rows))
    const prepare = () => withClient(url, makeTarget)
    const subject = { url, call: {}, migration, allowed, prepare }
    // Each takes up what the one before it left: none can be left out.
    const measured = await takeRounds(lifecycleOf(subject), { rounds, only: [] })
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: `${rows.toLocaleString('en')} values`, measured }],
      claims: lifecycleClaims(measured),
    }
  } finally {
    await server.stop()
  }
}

export default {
  about: 'check, verification and rollback beside the run of a table of values',
  rows: { usual: 1_000_000, quick: 50_000 },
  measure: measureLifecycle,
} satisfies Part
