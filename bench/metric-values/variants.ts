import { fileURLToPath } from 'node:url'
import type { Variant } from '../harness/measure.ts'
import { runDrover } from '../harness/program.ts'
import { withClient } from '../harness/server.ts'
import { runByHand, runFloor } from './by-hand/script.ts'
import { readPhases } from './phases.ts'
import { readResult } from './result.ts'
import { makeTarget } from './target.ts'

/** The migration of the values, as the command takes it. */
export const migration = fileURLToPath(new URL('migration.ts', import.meta.url))

/** The hazards of that migration. */
export const allowed = ['merges-rows', 'unrehearsed', 'drops-indexes'].flatMap((hazard) => ['--allow', hazard])

/** `drover run` of all values, as its user calls it: the time of the whole process. */
export function byDrover(url: string, rows: number): Variant {
  return {
    name: 'drover',
    rows,
    prepare: () => withClient(url, makeTarget),
    run: async () => {
      // Rows are set aside, which is its own exit code.
      const { peakBytes } = await runDrover({ url, args: ['run', migration, ...allowed], exits: [3] })
      return { phases: await readPhases(url), ...(peakBytes !== undefined && { peakBytes }) }
    },
    result: () => withClient(url, (client) => readResult(client, 'drover')),
  }
}

/** The script for the same result. */
export function byHand(url: string, rows: number): Variant {
  return {
    name: 'hand',
    rows,
    prepare: () => withClient(url, makeTarget),
    run: async () => ({ phases: await runByHand(url) }),
    result: () => withClient(url, (client) => readResult(client, 'hand')),
  }
}

/** The least that a script can do. */
export function floor(url: string, rows: number): Variant {
  return {
    name: 'floor',
    rows,
    prepare: () => withClient(url, makeTarget),
    run: async () => ({ phases: await runFloor(url) }),
  }
}
