import { fileURLToPath } from 'node:url'
import { timesAsLong } from '../harness/claim.ts'
import type { Variant } from '../harness/measure.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { runProgram } from '../harness/program.ts'
import { startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { makeLegacyValues } from '../metric-values/legacy.ts'
import { generateClient, missingPackages, readPrismaVersion } from '../metric-values/scripts/prisma/generate.ts'
import { makeTarget } from '../metric-values/target.ts'
import { byDrover } from '../metric-values/variants.ts'

/** A part of the rows is enough: what a loop takes grows with the rows, or faster. */
const portions = { 'multi-row inserts': 100_000, 'Prisma row loop': 20_000 } as const

async function measureScripts(settings: Settings): Promise<PartResult> {
  const { rows, quick } = settings
  const missing = missingPackages()
  if (missing.length === 0) await generateClient()
  const server = await startServer()
  const { url } = server
  try {
    await withClient(url, (client) => makeLegacyValues(client, rows))
    const portion = (name: keyof typeof portions) => Math.min(rows, quick ? portions[name] / 10 : portions[name])
    const variants = [
      byDrover(url, rows),
      byScript(url, { name: 'multi-row inserts', file: 'multi-row.ts', rows: portion('multi-row inserts') }),
      ...(missing.length > 0
        ? []
        : [byScript(url, { name: 'Prisma row loop', file: 'row-loop.ts', rows: portion('Prisma row loop') })]),
    ]
    const measured = await takeRounds(variants, settings)
    const beside = (name: string) => timesAsLong(measured, name, 'drover')
    return {
      conditions: { versions: { server: server.version, ...readPrismaVersion() }, settings: server.settings },
      tables: [{ title: 'from source to target, time for a row', measured }],
      claims: [
        { says: 'times as fast as multi-row inserts of 1,000', value: beside('multi-row inserts'), atLeast: 5 },
        { says: 'times as fast as a row loop of Prisma', value: beside('Prisma row loop'), atLeast: 80 },
      ],
      missing: missing.length === 0 ? [] : [`the row loop of Prisma. npm install --no-save ${missing.join(' ')}`],
    }
  } finally {
    await server.stop()
  }
}

interface Script {
  readonly name: string
  readonly file: string
  readonly rows: number
}

/** A script in a process of its own, which tells how long its rows took. */
function byScript(url: string, { name, file, rows }: Script): Variant {
  return {
    name,
    rows,
    prepare: () => withClient(url, makeTarget),
    run: async () => {
      const path = fileURLToPath(new URL(`../metric-values/scripts/${file}`, import.meta.url))
      const args = ['--conditions=source', path, url, String(rows)]
      // Times without a zone are those of UTC, which `pg` reads by the zone of the process.
      const { code, stdout, stderr, peakBytes } = await runProgram({
        program: process.execPath,
        args,
        env: { TZ: 'UTC' },
      })
      if (code !== 0) throw new Error(`${file} ended with ${code}: ${stderr}`)
      return { seconds: Number(stdout), ...(peakBytes !== undefined && { peakBytes }) }
    },
  }
}

export default {
  about: 'the same run beside scripts that are written instead, which keep less: by Prisma and by pg',
  rows: { usual: 1_000_000, quick: 50_000 },
  measure: measureScripts,
} satisfies Part
