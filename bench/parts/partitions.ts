import type { FreezeMode } from '../../packages/drover/src/plan/plan.ts'
import { timesAsLong } from '../harness/claim.ts'
import type { Variant } from '../harness/measure.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { carryEvents } from '../partitions/by-drover.ts'
import { makeEvents, makeTarget, partitionCount } from '../partitions/events.ts'
import { chunkSizes, whatCameOut } from '../partitions/outcome.ts'

async function measurePartitions(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const server = await startServer()
  const { url } = server
  const notes = new Map<string, string>()
  const variant = (freeze: FreezeMode, from: 'old.whole' | 'old.parted'): Variant => {
    const name = `${from === 'old.whole' ? 'one table' : `${partitionCount} partitions`}, ${freeze}`
    return {
      name,
      rows,
      prepare: () => withClient(url, makeTarget),
      run: () => carryEvents(url, from, freeze).then(() => undefined),
      result: async () => {
        notes.set(name, `${name}: ${await withClient(url, chunkSizes)}`)
        return withClient(url, whatCameOut)
      },
    }
  }
  try {
    await withClient(url, (client) => makeEvents(client, rows))
    const measured = await takeRounds(
      [
        variant('block', 'old.whole'),
        variant('block', 'old.parted'),
        variant('verify', 'old.whole'),
        variant('verify', 'old.parted'),
        variant('none', 'old.whole'),
        variant('none', 'old.parted'),
      ],
      settings,
    )
    const claim = (freeze: string) => ({
      says: `time of ${partitionCount} partitions beside one table, ${freeze}`,
      value: timesAsLong(measured, `${partitionCount} partitions, ${freeze}`, `one table, ${freeze}`),
    })
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: 'a source in partitions', measured }],
      // Without a freeze each chunk looks into every partition.
      claims: [{ ...claim('block'), atMost: 1.25 }, { ...claim('verify'), atMost: 1.25 }, claim('none')],
      notes: [...notes.values()],
    }
  } finally {
    await server.stop()
  }
}

export default {
  about: 'a source in 200 partitions of very different sizes, against the same rows in one table',
  rows: { usual: 2_000_000, quick: 40_000 },
  measure: measurePartitions,
} satisfies Part
