/**
 * Plants faults in migrated databases, one at a time, and asks the verifier; then asks it of faultless migrations of other
 * data, of which it must say nothing.
 *
 *     npm run test:mutations -- [--sample | --seeds 20] ["words of a fault" …]
 *
 * `--sample`: of the reference migration every eighth fault, and no other data. Ends with `N passed, N failed`.
 */

import { parseArgs } from 'node:util'
import { startInMemory } from '../../../../packages/drover/test/support/in-memory.ts'
import { complaintsOf, isFound } from './mutated.ts'
import type { Mutation } from './mutation.ts'
import { type Server, serverAt } from './server.ts'
import { makeDental, type Subject, subjects, verifyNewest } from './subjects.ts'

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, sample: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const embedded = await startInMemory({ settings: { shared_buffers: '256MB', max_connections: '50' } })
const server = serverAt(embedded.url)
let passed = 0
let failed = 0
try {
  for (const subject of subjects) await mutate(subject)
  if (positionals.length === 0 && !values.sample) await verifyFaultless(Number(values.seeds))
} finally {
  await embedded.stop()
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function mutate({ name, make, mutations }: Subject): Promise<void> {
  const named = ({ fault }: Mutation) => positionals.length === 0 || positionals.some((words) => fault.includes(words))
  const every = values.sample && name === 'dental' ? 8 : 1
  const asked = mutations.filter(named).filter((_, i) => i % every === 0)
  if (asked.length === 0) return
  const template = `${name}_migrated`
  await make(await server.create(template), server)
  await tellFaultless(`${name}, faultless`, template)
  let found = 0
  for (const mutation of asked) {
    const { isThere, by } = await plant(server, template, mutation)
    if (isThere) found += 1
    tell(
      isThere,
      `${name}: ${mutation.fault}`,
      `${isThere ? 'found' : 'NOT FOUND'} by ${mutation.check}; failing: ${by}`,
    )
  }
  console.log(
    `${name}: ${found} of ${asked.length} planted faults found, ${Math.round((100 * found) / asked.length)} %`,
  )
}

async function plant(server: Server, template: string, mutation: Mutation) {
  const url = await server.create('mutated', template)
  await server.withClient(url, (client) => client.query(mutation.plant))
  const verification = await verifyNewest(url)
  await server.drop('mutated')
  const failing = verification.findings.filter(({ verdict }) => verdict === 'fail')
  return {
    isThere: isFound(mutation, verification),
    by: [...new Set(failing.map(({ check }) => check))].join(', ') || 'nothing',
  }
}

async function verifyFaultless(seeds: number): Promise<void> {
  for (let seed = 2; seed <= seeds + 1; seed += 1) {
    const name = `seed_${seed}`
    await makeDental(await server.create(name), server, seed)
    await tellFaultless(`dental, faultless, seed ${seed}`, name)
    await server.drop(name)
  }
}

async function tellFaultless(what: string, name: string): Promise<void> {
  const url = new URL(embedded.url)
  url.pathname = `/${name}`
  const complaints = complaintsOf(await verifyNewest(url.href))
  tell(complaints.length === 0, what, complaints.length === 0 ? 'nothing is said of it' : complaints.join('; '))
}

function tell(holds: boolean, what: string, result: string): void {
  if (holds) passed += 1
  else failed += 1
  console.log(`${holds ? '✓' : '✗'} ${what.padEnd(66)} ${result}`)
}
