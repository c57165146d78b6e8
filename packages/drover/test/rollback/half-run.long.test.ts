import { expect, test } from 'vitest'
import { createDatabase } from '../support/postgres.ts'
import { subjects } from './half-run-subjects.ts'
import { complaintOfHalfRun, drawHalfRuns, nameOf, undisturbedRun } from './half-runs.ts'

// Some of the runs that `npm run test:rollback` stops at random points.

test('half-finished runs are taken back to the exact start, and run again to the same end', async () => {
  const template = await createDatabase()
  await template.query(subjects.reversed.schema)
  await template.disconnect()
  const undisturbed = await undisturbedRun(await createDatabase(template.name), 'reversed')
  const halves = drawHalfRuns(8, 7).filter(({ subject }) => subject === 'reversed')
  const outcomes: unknown[] = []
  for (const half of halves) {
    const outcome = await complaintOfHalfRun(await createDatabase(template.name), half, undisturbed)
    outcomes.push([nameOf(half), outcome.complaint])
  }
  expect(outcomes).toEqual(halves.map((half) => [nameOf(half), undefined]))
})
