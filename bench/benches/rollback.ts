import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { startEmbedded } from 'drover/embedded'
import { allow, drover } from '../../examples/dental-clinic/test/command.ts'
import type { Bench } from '../bench.ts'
import { makeLegacy } from '../legacy.ts'
import { medianOf } from '../measure.ts'

const about = 'what it costs to take the reference migration back, as a part of the time that the run itself took'

async function run(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { scale: { type: 'string', default: 's' }, rounds: { type: 'string', default: '3' } },
  })
  const { scale } = values
  if (scale !== 's' && scale !== 'm') throw new Error('--scale is s (10,000 metric values) or m (1,000,000).')
  const server = await startEmbedded({ settings: { shared_buffers: '512MB', max_connections: '50' } })
  try {
    await makeLegacy(server.url, scale)
    const runs: number[] = []
    const rollbacks: number[] = []
    for (let round = 0; round < Number(values.rounds); round += 1) {
      runs.push(await timed(server, 3, 'run', 'migration.ts', ...allow))
      rollbacks.push(await timed(server, 0, 'rollback'))
    }
    console.log(`run       ${medianOf(runs).toFixed(1).padStart(7)} s`)
    const ratio = (medianOf(rollbacks) / medianOf(runs)).toFixed(2)
    console.log(`rollback  ${medianOf(rollbacks).toFixed(1).padStart(7)} s   ${ratio} of the run`)
  } finally {
    await server.stop()
  }
}

/** A command of drover, in seconds, which has to end with `exit`. */
async function timed(server: { readonly url: string }, exit: number, ...words: readonly string[]): Promise<number> {
  const started = performance.now()
  const { code, stderr } = await drover(server, ...words)
  if (code !== exit) throw new Error(`drover ${words[0]} ended with ${code}: ${stderr}`)
  return (performance.now() - started) / 1000
}

export default { about, run } satisfies Bench
