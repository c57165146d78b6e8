import type { Outcome } from '../harness/measure.ts'
import { runDrover } from '../harness/program.ts'
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

/** `drover land`. Nobody writes to the source of a bench. */
export function land(source: string, target: string, flags: readonly string[]) {
  return runDrover({ url: target, args: ['land', '--source-url', source, '--frozen', ...flags] })
}
