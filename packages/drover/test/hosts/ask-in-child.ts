import { once } from 'node:events'
import { openDatabase } from '../../src/db/pg.ts'
import { retrying } from '../../src/db/retry.ts'
import { serverErrorOf } from '../../src/db/server-error.ts'
import { DroverError } from '../../src/error.ts'

// A process that asks a server something in a transaction, and tells what became of it: node ask-in-child.ts <silenceMs>
// <seconds that the answer takes>. It asks when it is sent a line.

const [silenceMs, seconds] = process.argv.slice(2).map(Number)
// A network that was just mended may need a moment.
const db = await retrying(() => openDatabase(process.env.DATABASE_URL!, { silenceMs: silenceMs! }))
const asking = db.transaction(async (tx) => {
  await tx.query('select 1')
  console.log('ready')
  await once(process.stdin, 'data')
  console.log('asked')
  return tx.query('select pg_sleep($1)', [seconds])
})
const startedAt = performance.now()
const outcome = await asking.then(
  () => ({ code: 'answered' }),
  (thrown: unknown) =>
    thrown instanceof DroverError
      ? { code: thrown.code, why: thrown.why, ms: performance.now() - startedAt }
      : { code: serverErrorOf(thrown)?.sqlstate },
)
console.log(JSON.stringify(outcome))
process.exit()
