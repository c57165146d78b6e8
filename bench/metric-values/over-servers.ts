import type { Outcome } from '../harness/measure.ts'
import { runDrover } from '../harness/program.ts'
import { withClient } from '../harness/server.ts'
import { copyThroughPipe } from '../tools/copy-pipe.ts'
import { runByHand } from './by-hand/script.ts'
import { readPhases } from './phases.ts'
import { allowed, migration } from './variants.ts'

/** Lands the tables from another server, then runs: two commands, whose times are added. */
export async function landAndRun(source: string, target: string): Promise<Outcome> {
  const started = performance.now()
  const landed = await land(source, target, ['--schema', 'legacy'])
  const landing = (performance.now() - started) / 1000
  // Rows are set aside, which is its own exit code.
  const ran = await runDrover({ url: target, args: ['run', migration, ...allowed], exits: [3] })
  const peaks = [landed, ran].flatMap(({ peakBytes }) => peakBytes ?? [])
  const phases = { landing, ...(await readPhases(target)) }
  return { phases, ...(peaks.length > 0 && { peakBytes: Math.max(...peaks) }) }
}

/**
 * What drover does, by hand: pipes from server to server into tables that are there, their keys, and the script for the same
 * result.
 */
export async function pipeAndScript(source: string, target: string): Promise<Outcome> {
  const started = performance.now()
  const pipe = (table: string) => copyThroughPipe({ source, target, from: `legacy.${table}`, to: `legacy.${table}` })
  const small = async () => {
    for (const table of ['clinics', 'providers', 'metric_definitions', 'data_sources']) await pipe(table)
  }
  await Promise.all([pipe('metric_values'), small()])
  await withClient(target, async (client) => {
    await client.query('alter table legacy.metric_values add primary key (id)')
    await client.query('analyze')
  })
  const pipes = (performance.now() - started) / 1000
  return { phases: { pipes, ...(await runByHand(target)) } }
}

/** `drover land`. Nobody writes to the source of a bench. */
export function land(source: string, target: string, flags: readonly string[]) {
  return runDrover({ url: target, args: ['land', '--source-url', source, '--frozen', ...flags] })
}
