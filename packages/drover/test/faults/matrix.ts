import { connectTo } from '../support/connect.ts'
import { startInMemory } from '../support/in-memory.ts'
import { carryOut, complaintOf, copier, resultOf, runChild, runTrial } from './carry-out.ts'
import { type Combination, combinations } from './points.ts'
import { nameOf, rollbackCombinations, worlds } from './rollback-points.ts'
import { prepareRollback } from './rollback-trial.ts'
import { schema } from './subject.ts'
import type { Trial } from './trial.ts'

// Every fault at every point of a run and of a rollback: npm run test:faults [-- part of a name …] [--every N]. With
// --every, one in so many of them. Ends with `N passed, N failed`.

/** Processes at the same time. */
const lanes = 3

const words = process.argv.slice(2)
const everyAt = words.indexOf('--every')
const every = everyAt < 0 ? 1 : Number(words.splice(everyAt, 2)[1])

interface Case {
  readonly trial: Trial
  readonly combination: Combination
  readonly what: string
  readonly copy: (name: string) => Promise<void>
}

const server = await startInMemory({ settings: { max_connections: '100' } })
const maintenance = connectTo(server.urlFor('postgres'))
const owner = { name: 'owner_of_all', password: 'secret' }
await maintenance.query(`create role ${owner.name} login password '${owner.password}'`)

const cases: readonly Case[] = (await Promise.all([casesOfRun(), ...worlds.map(casesOfRollback)]))
  .flat()
  .filter((_, i) => i % every === 0)
const restart = async () => {
  await maintenance.disconnect()
  await server.restart('immediate')
}
let passed = 0
const failures: string[] = []
const named = cases.map((each, i) => ({ ...each, name: `faulty_${i}` }))
const lane = async (queue: typeof named) => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { trial, combination, what, copy, name } = next
    await copy(name)
    const database = connectTo(server.urlFor(name))
    const complaint = await complaintOf(trial, database, combination, restart).catch((error: Error) => error.message)
    await database.disconnect()
    await maintenance.query(`drop database ${name} with (force)`)
    if (complaint === undefined) passed++
    else failures.push(`${what}: ${complaint}`)
    console.log(
      `${complaint === undefined ? '✓' : '✗'} ${what}${complaint === undefined ? '' : `: ${complaint.slice(0, 500)}`}`,
    )
  }
}
const together = named.filter(({ combination }) => combination.fault !== 'restart')
await Promise.all(Array.from({ length: lanes }, () => lane(together)))
// A restart strikes all who are on the server.
await lane(named.filter(({ combination }) => combination.fault === 'restart'))
await maintenance.disconnect()
await server.stop()
for (const failure of failures) console.log(`\n${failure}`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

/** The combinations that are asked for, each with its name. */
function choose(of: readonly Combination[], prefix: string) {
  return of
    .map((combination) => ({ combination, what: `${prefix}${combination.point.name} × ${combination.fault}` }))
    .filter(({ what }) => words.every((word) => what.includes(word)))
}

async function casesOfRun(): Promise<readonly Case[]> {
  const chosen = choose(combinations, '')
  if (chosen.length === 0) return []
  const subject = await create('subject')
  await subject.query(schema)
  await subject.disconnect()
  const copy = copier(server.url, 'subject')
  await copy('undisturbed')
  const reference = connectTo(server.urlFor('undisturbed'))
  const first = await carryOut(runChild, reference.url)
  if (first.exit !== 0) throw new Error(`The undisturbed run failed: ${first.output}`)
  const trial = runTrial(await resultOf(reference))
  await reference.disconnect()
  return chosen.map((each) => ({ ...each, trial, copy }))
}

async function casesOfRollback(world: (typeof worlds)[number], index: number): Promise<readonly Case[]> {
  const chosen = choose(rollbackCombinations(world), `rollback (${nameOf(world)}) `)
  if (chosen.length === 0) return []
  const name = `world_${index}`
  const trial = await prepareRollback(await create(name), world, owner)
  const copy = copier(server.url, name)
  return chosen.map((each) => ({ ...each, trial, copy }))
}

async function create(name: string) {
  await maintenance.query(`create database ${name}`)
  return connectTo(server.urlFor(name))
}
