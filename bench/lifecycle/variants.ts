import type { Variant } from '../harness/measure.ts'
import { runDrover } from '../harness/program.ts'
import { compareRows } from './compare-rows.ts'
import { readVerificationPhases } from './phases.ts'
import type { Subject } from './subject.ts'

/** What is done with a migration, in this order: each takes up where the one before it left the database. */
export function lifecycleOf({ url, call, migration, allowed, prepare }: Subject): readonly Variant[] {
  const command = (args: readonly string[], exits: readonly number[] = [0]) => runDrover({ ...call, url, args, exits })
  const timed = (name: string, run: () => ReturnType<typeof command>): Variant => ({
    name,
    run: async () => {
      const { peakBytes } = await run()
      return peakBytes === undefined ? {} : { peakBytes }
    },
  })
  return [
    { ...timed('check', () => command(['check', migration])), prepare },
    // Rows are set aside, which is its own exit code.
    timed('run', () => command(['run', migration, ...allowed], [3])),
    { name: 'row comparison', run: () => compareRows(url).then(() => undefined) },
    {
      name: 'verify',
      run: async () => {
        const { peakBytes } = await command(['verify'])
        return { phases: await readVerificationPhases(url), ...(peakBytes !== undefined && { peakBytes }) }
      },
    },
    timed('rollback', () => command(['rollback'])),
  ]
}
