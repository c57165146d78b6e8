import { startEmbedded } from '../../src/embedded/index.ts'
import { connectTo } from '../support/connect.ts'
import { carryOut, complaintOf, copier, resultOf } from './carry-out.ts'
import { combinations } from './points.ts'
import { schema } from './subject.ts'

// Every fault at every point: npm run test:faults [-- part of a point's or a fault's name]. Ends with `N passed, N failed`.

/** Runs at the same time. */
const lanes = 3

const wanted = process.argv.slice(2)
const chosen = combinations.filter(({ point, fault }) =>
  wanted.every((word) => `${point.name} ${fault}`.includes(word)),
)
const server = await startEmbedded({ fsync: false, settings: { max_connections: '100' } })

const template = connectTo(server.urlFor('postgres'))
await template.query('create database subject')
const subject = connectTo(server.urlFor('subject'))
await subject.query(schema)
await subject.disconnect()
const copy = copier(server.url, 'subject')

await copy('undisturbed')
const reference = connectTo(server.urlFor('undisturbed'))
const first = await carryOut(reference.url)
if (first.exit !== 0) throw new Error(`The undisturbed run failed: ${first.output}`)
const undisturbed = await resultOf(reference)
await reference.disconnect()

const restart = async () => {
  await template.disconnect()
  await server.restart('immediate')
}
let passed = 0
const failures: string[] = []
const named = chosen.map((combination, i) => ({ combination, name: `faulty_${i}` }))
const lane = async (queue: typeof named) => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { combination, name } = next
    await copy(name)
    const database = connectTo(server.urlFor(name))
    const complaint = await complaintOf(database, combination, undisturbed, restart).catch(
      (error: Error) => error.message,
    )
    await database.disconnect()
    await template.query(`drop database ${name} with (force)`)
    const what = `${combination.point.name} × ${combination.fault}`
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
await template.disconnect()
await server.stop()
for (const failure of failures) console.log(`\n${failure}`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
