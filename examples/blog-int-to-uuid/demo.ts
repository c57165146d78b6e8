import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { before, migrations } from './database.ts'

// All of it on an embedded PostgreSQL: npm run demo --workspace examples/blog-int-to-uuid

const example = fileURLToPath(new URL('.', import.meta.url))
const command = fileURLToPath(import.meta.resolve('drover/cli'))

const server = await startEmbedded()
try {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  for (const statements of [...(await before()), ...(await migrations())]) await client.query(statements)
  await client.end()
  process.exitCode = everything(server.url)
} finally {
  await server.stop()
}

/** The commands of the README, one after the other, until one fails. */
function everything(url: string): number {
  mkdirSync(`${example}.drover`, { recursive: true })
  for (const words of [
    ['check', 'migration.ts'],
    ['rehearse', 'migration.ts'],
    ['run', 'migration.ts', '--allow', 'drops-indexes'],
    ['verify', 'migration.ts'],
    ['report', '--out', '.drover/report.html'],
  ]) {
    console.log(`\n$ drover ${words.join(' ')}`)
    const env = { ...process.env, DROVER_DATABASE_URL: url }
    const { status } = spawnSync(process.execPath, [...process.execArgv, command, ...words], {
      cwd: example,
      env,
      stdio: 'inherit',
    })
    if (status !== 0) return status ?? 1
  }
  console.log(`\nEvery id is a UUID now. The report: ${example}.drover/report.html`)
  return 0
}
