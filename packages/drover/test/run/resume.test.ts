import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { everyCell } from '../support/cells.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase } from '../support/postgres.ts'
import { fill, schema } from './fixture.ts'

const child = fileURLToPath(new URL('./run-in-child.ts', import.meta.url))

/** How many runs are killed: more in `npm run test:cells`, and in `npm run test:kills` a hundred. */
const killedRuns = everyCell ? 5 : 2

async function practiceDatabase() {
  const database = await createDatabase()
  await database.query(schema + fill(60, 6000))
  return database
}

const startRun = (url: string) =>
  spawn(process.execPath, [child], { env: { ...process.env, DATABASE_URL: url }, stdio: 'inherit' })

// I1, I3
test(`killed at ${killedRuns} random moments each and resumed, a run gives the undisturbed run's target`, async () => {
  const undisturbed = await practiceDatabase()
  const started = performance.now()
  await once(startRun(undisturbed.url), 'exit')
  const undisturbedMs = performance.now() - started
  const expected = { target: await digest(undisturbed, ['new']), ledger: await ledgerAccount(undisturbed) }

  // A run that was over before its first kill shows nothing: it is compared, and not counted.
  for (let killed = 0; killed < killedRuns; ) {
    const database = await practiceDatabase()
    let kills = 0
    for (let finished = false; !finished; ) {
      const process = startRun(database.url)
      const exited = once(process, 'exit')
      // The later kills come later, so that every stretch of the run is hit and the run ends.
      const ended = await Promise.race([exited, sleep((0.2 + Math.random() * 0.7 + kills * 0.3) * undisturbedMs)])
      finished = Array.isArray(ended)
      if (!finished) {
        process.kill('SIGKILL')
        await exited
        kills++
      }
    }
    if (kills > 0) killed++
    expect(await digest(database, ['new'])).toEqual(expected.target)
    expect(await ledgerAccount(database)).toEqual(expected.ledger)
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
    await database.drop()
  }
}, 180_000)
