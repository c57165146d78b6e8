import { copier } from '../faults/carry-out.ts'
import { connectTo } from '../support/connect.ts'
import { startInMemory } from '../support/in-memory.ts'
import { type SubjectName, subjects } from './half-run-subjects.ts'
import { complaintOfHalfRun, drawHalfRuns, nameOf, type Undisturbed, undisturbedRun } from './half-runs.ts'

// Runs that are stopped at random points and taken back, each to the exact start: node half-run.ts [how many, default 20]
// [seed]. Ends with `N passed, N failed`.

const [count = '20', seed = String(Math.floor(Math.random() * 1e6))] = process.argv.slice(2)
console.log(`seed ${seed}`)

const server = await startInMemory({ settings: { max_connections: '50' } })
const prepared = new Map<SubjectName, { copy: (name: string) => Promise<void>; undisturbed: Undisturbed }>()
const maintenance = connectTo(server.urlFor('postgres'))
for (const subject of Object.keys(subjects) as SubjectName[]) {
  await maintenance.query(`create database ${subject}`)
  const template = connectTo(server.urlFor(subject))
  await template.query(subjects[subject].schema)
  await template.disconnect()
  const copy = copier(server.url, subject)
  await copy(`undisturbed_${subject}`)
  const database = connectTo(server.urlFor(`undisturbed_${subject}`))
  prepared.set(subject, { copy, undisturbed: await undisturbedRun(database, subject) })
  await database.disconnect()
}

let failed = 0
for (const [i, half] of drawHalfRuns(Number(count), Number(seed)).entries()) {
  const { copy, undisturbed } = prepared.get(half.subject)!
  await copy(`half_${i}`)
  const database = connectTo(server.urlFor(`half_${i}`))
  const { from, complaint } = await complaintOfHalfRun(database, half, undisturbed).catch((error: Error) => ({
    from: 'unknown',
    complaint: error.stack,
  }))
  await database.disconnect()
  await maintenance.query(`drop database half_${i} with (force)`)
  if (complaint !== undefined) failed++
  console.log(`${complaint === undefined ? '✓' : '✗'} ${nameOf(half)} (it was ${from})`)
  if (complaint !== undefined) console.log(`  ${complaint.slice(0, 2_000)}`)
}
await maintenance.disconnect()
await server.stop()
console.log(`${Number(count) - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
