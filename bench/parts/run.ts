import { timesAsLong } from '../harness/claim.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { makeLegacyValues } from '../metric-values/legacy.ts'
import { byDrover, byHand, floor } from '../metric-values/variants.ts'

async function measureRun(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const server = await startServer()
  const { url } = server
  try {
    await withClient(url, (client) => makeLegacyValues(client, rows))
    const variants = [byHand(url, rows), byDrover(url, rows), floor(url, rows)]
    const measured = await takeRounds(variants, settings)
    const beside = (name: string) => timesAsLong(measured, name, 'drover')
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: 'from source to target', measured }],
      claims: [
        { says: 'speed beside a script for the same result', value: beside('hand'), atLeast: 0.9 },
        { says: 'speed beside the floor', value: beside('floor'), atLeast: 0.55 },
      ],
    }
  } finally {
    await server.stop()
  }
}

export default {
  about: 'the run of a table of values, beside a script for the same result and the least that a script can do',
  rows: { usual: 1_000_000, quick: 50_000 },
  measure: measureRun,
} satisfies Part
