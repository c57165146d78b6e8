import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Claim } from '../harness/claim.ts'
import type { Measured, Variant } from '../harness/measure.ts'
import { medianOf } from '../harness/median.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { runDrover, runProgram } from '../harness/program.ts'
import { benchSettings, freshDatabase, startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { migrationFiles } from '../startup/migration.ts'
import { renderTables } from '../startup/tables.ts'
import { writeProject } from '../types/project.ts'

const built = fileURLToPath(new URL('../../packages/drover/dist/cli/main.js', import.meta.url))
const sources = fileURLToPath(new URL('../../packages/drover/src/cli/main.ts', import.meta.url))
const planner = fileURLToPath(new URL('../startup/plan-alone.ts', import.meta.url))

async function measureStartup({ rows: most, rounds }: Settings): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  // Each of the tables is locked once when they are made.
  const server = await startServer({ ...benchSettings, shared_buffers: '256MB', max_locks_per_transaction: '1024' })
  try {
    const help = await takeRounds(helpVariants(), { rounds: Math.max(5, rounds), only: [] }, 1)
    const variants: Variant[] = []
    for (const tables of [Math.round(most / 30), Math.round(most / 3), most]) {
      const project = await writeProject(join(folder, `tables-${tables}`), migrationFiles(tables))
      const url = await freshDatabase(server, `tables_${tables}`)
      await withClient(url, (client) => client.query(renderTables(tables)))
      variants.push(planVariant(url, project.folder, tables), commandVariant(url, project.folder, tables))
    }
    const plans = await takeRounds(variants, { rounds, only: [] })
    return {
      conditions: { versions: { server: server.version } },
      tables: [
        { title: 'drover --help', measured: help },
        { title: 'a plan', measured: plans },
      ],
      claims: [
        milliseconds(help, 'as published', { says: 'drover --help', atMost: 150 }),
        milliseconds(help, 'from sources', { says: 'drover --help, from sources' }),
        milliseconds(plans, aloneName(most), { says: `the plan of ${most} tables`, atMost: 1_000 }),
        milliseconds(plans, commandName(most), { says: `drover plan of ${most} tables, with all around it` }),
      ],
      missing: existsSync(built) ? [] : ['drover as it is published. npm run build'],
    }
  } finally {
    await server.stop()
    await rm(folder, { recursive: true })
  }
}

function helpVariants(): readonly Variant[] {
  const variant = (name: string, args: readonly string[]): Variant => ({
    name,
    run: async () => {
      const { code, stderr } = await runProgram({ program: process.execPath, args: [...args, '--help'] })
      if (code !== 0) throw new Error(`drover --help ended with ${code}: ${stderr}`)
      return undefined
    },
  })
  return [
    ...(existsSync(built) ? [variant('as published', [built])] : []),
    variant('from sources', ['--conditions=source', sources]),
  ]
}

const aloneName = (tables: number) => `${tables} tables, the plan alone`
const commandName = (tables: number) => `${tables} tables, drover plan`

/** The first plan of a process: what a user gets. A second one would be made by code that is compiled by then. */
function planVariant(url: string, folder: string, tables: number): Variant {
  return {
    name: aloneName(tables),
    run: async () => {
      const args = ['--conditions=source', planner, url, join(folder, 'migration.ts')]
      const { code, stdout, stderr } = await runProgram({ program: process.execPath, args })
      if (code !== 0) throw new Error(`The planner ended with ${code}: ${stderr}`)
      return { seconds: Number(stdout) / 1000 }
    },
  }
}

function commandVariant(url: string, folder: string, tables: number): Variant {
  return {
    name: commandName(tables),
    run: async () => {
      const { peakBytes } = await runDrover({ url, args: ['plan', 'migration.ts', '--summary'], cwd: folder })
      return peakBytes === undefined ? {} : { peakBytes }
    },
  }
}

function milliseconds(measured: readonly Measured[], name: string, claim: Omit<Claim, 'value' | 'unit'>): Claim {
  const seconds = measured.find((each) => each.name === name)?.seconds ?? []
  return { ...claim, value: medianOf(seconds) * 1000, unit: ' ms' }
}

export default {
  about: 'how long drover takes to start, and to plan 10, 100 and 300 tables of 25 columns; rows: tables',
  rows: { usual: 300, quick: 90 },
  measure: measureStartup,
} satisfies Part
