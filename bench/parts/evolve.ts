import { evolveByDrover, withoutImages } from '../evolve/by-drover.ts'
import { updateByHand } from '../evolve/by-hand.ts'
import { makePristine, makeReadings } from '../evolve/readings.ts'
import { timesAsLong } from '../harness/claim.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'

async function measureEvolve(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const server = await startServer()
  const { url } = server
  try {
    await withClient(url, (client) => makePristine(client, rows))
    const prepare = () => withClient(url, makeReadings)
    const variant = (name: string, run: () => Promise<void>) => ({
      name,
      rows,
      prepare,
      run: () => run().then(() => undefined),
    })
    const measured = await takeRounds(
      [
        variant('chunked update', () => updateByHand(url, rows, 50_000)),
        variant('drover, keeping nothing', () => evolveByDrover(url, withoutImages)),
        variant('drover', () => evolveByDrover(url)),
      ],
      settings,
      1,
    )
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: 'rows that evolve in place', measured }],
      claims: [
        {
          says: 'time beside a chunked update that keeps nothing',
          value: timesAsLong(measured, 'drover', 'chunked update'),
        },
        {
          says: 'what it costs to keep rows as they were',
          value: timesAsLong(measured, 'drover', 'drover, keeping nothing'),
        },
      ],
    }
  } finally {
    await server.stop()
  }
}

export default {
  about: 'rows that evolve in place, each kept as it was, against a chunked update that keeps nothing',
  rows: { usual: 500_000, quick: 20_000 },
  measure: measureEvolve,
} satisfies Part
