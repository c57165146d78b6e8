import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { startEmbedded } from 'drover/embedded'
import { allow, drover } from '../../examples/dental-clinic/test/command.ts'
import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import { beginVerification } from '../../packages/drover/src/ledger/verification.ts'
import { carryOutParts } from '../../packages/drover/src/verify/carry-out.ts'
import { partsOf } from '../../packages/drover/src/verify/parts.ts'
import { cutIntoSlices } from '../../packages/drover/src/verify/slices.ts'
import { readSubjects } from '../../packages/drover/src/verify/subjects.ts'
import type { Bench } from '../bench.ts'
import { makeLegacy } from '../legacy.ts'
import { medianOf } from '../measure.ts'

const about = 'what it costs to verify the reference migration, as a part of the time that the run itself took'

/** What is asked: all rows compared, and everything. */
const questions = { 'row comparison': ['row comparison'], 'all checks': undefined } as const

async function run(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      scale: { type: 'string', default: 's' },
      rounds: { type: 'string', default: '3' },
      slowest: { type: 'string', default: '12' },
    },
  })
  const { scale } = values
  if (scale !== 's' && scale !== 'm') throw new Error('--scale is s (10,000 metric values) or m (1,000,000).')
  const server = await startEmbedded({ settings: { shared_buffers: '512MB', max_connections: '50' } })
  try {
    await makeLegacy(server.url, scale)
    const started = performance.now()
    const { code, stderr } = await drover(server, 'run', 'migration.ts', ...allow)
    const runSeconds = (performance.now() - started) / 1000
    if (code !== 3) throw new Error(`drover run ended with ${code}: ${stderr}`)
    console.log(`${'the run'.padEnd(16)} ${runSeconds.toFixed(1).padStart(7)} s`)
    for (const [name, checks] of Object.entries(questions)) {
      const rounds: Timed[] = []
      for (let round = 0; round < Number(values.rounds); round += 1) rounds.push(await ask(server.url, checks))
      const seconds = medianOf(rounds.map((round) => round.seconds))
      const ratio = (seconds / runSeconds).toFixed(2)
      console.log(`${name.padEnd(16)} ${seconds.toFixed(1).padStart(7)} s   ${ratio} of the run`)
      if (checks === undefined) printSlowest(rounds.at(-1)!, Number(values.slowest))
    }
  } finally {
    await server.stop()
  }
}

interface Timed {
  readonly seconds: number
  /** Of each part, by its name. */
  readonly parts: readonly (readonly [name: string, seconds: number])[]
}

/** Asks as `drover verify` does, two questions at a time, and fails where something is wrong. */
async function ask(url: string, checks: readonly string[] | undefined): Promise<Timed> {
  const db = await openDatabase(url)
  try {
    const started = performance.now()
    const subjects = await db.transaction((tx) => readSubjects(tx, '1'), { readOnly: true })
    const all = partsOf(subjects).filter(({ check }) => checks === undefined || checks.includes(check.name))
    const parts = await cutIntoSlices(db, all, { rowsPerSlice: 5_000_000, workers: 2 })
    const options = { afterCutover: false, triesWrites: false, rowsPerSlice: 5_000_000 }
    const begun = await db.transaction((tx) => beginVerification(tx, '1', options, { restart: true }))
    const findings = await carryOutParts(db, subjects.run, parts, begun, {})
    const wrong = findings.filter(({ verdict }) => verdict === 'fail')
    if (wrong.length > 0) throw new Error(wrong.map(({ check, detail }) => `${check}: ${detail}`).join('\n'))
    const seconds = (performance.now() - started) / 1000
    const rows = await db.transaction((tx) =>
      tx.query(
        `select part, extract(epoch from finished_at - started_at) as seconds
from drover.verification_part where verification_id = $1`,
        [begun.id],
      ),
    )
    return { seconds, parts: rows.map((row) => [row.part as string, Number(row.seconds)] as const) }
  } finally {
    await db.close()
  }
}

function printSlowest({ parts }: Timed, count: number): void {
  const slowest = [...parts].sort((a, b) => b[1] - a[1]).slice(0, count)
  for (const [name, seconds] of slowest) console.log(`  ${seconds.toFixed(1).padStart(7)} s   ${name}`)
}

export default { about, run } satisfies Bench
