import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DroverError, errorCodes, renderError } from 'drover'
import { startEmbedded } from 'drover/embedded'
import { compareWithManifest } from './compare.ts'
import { compareReport, type ReportCounts } from './compare-report.ts'
import { withClient } from './demo/client.ts'
import { drover, type Place, requireUsable } from './demo/command.ts'
import { Ending, leaving } from './demo/ending.ts'
import { prepare } from './demo/prepare.ts'
import { readSettings, type Settings, usage } from './demo/settings.ts'
import { step } from './demo/step.ts'
import type { Manifest } from './generator/manifest.ts'

const directory = process.env.INIT_CWD ?? process.cwd()
const interrupt = new AbortController()
const { signal } = interrupt
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort())

try {
  const settings = readSettings({ args: process.argv.slice(2), env: process.env, directory })
  if (settings === 'help') console.log(usage)
  else process.exitCode = await demo(settings)
} catch (thrown) {
  if (thrown instanceof Ending) {
    console.error(thrown.message)
    process.exitCode = thrown.exit
  } else if (thrown instanceof DroverError) {
    console.error(renderError(thrown))
    process.exitCode = errorCodes[thrown.code].exit
  } else throw thrown
}

/** All of it; returns the exit code. */
async function demo(settings: Settings): Promise<number> {
  await makeDirectory(settings.out)
  const { databaseUrl } = settings
  if (databaseUrl !== undefined) return onOwnServer(settings, databaseUrl)
  return leaving('The embedded server and its data are removed.', signal, () => onEmbeddedServer(settings))
}

async function onEmbeddedServer(settings: Settings): Promise<number> {
  const server = await step('Starting an embedded PostgreSQL', () => startEmbedded({ signal }))
  try {
    await withClient(server.url, signal, (client) => client.query('create database dental'))
    const place = placeOf(settings, server.urlFor('dental'))
    return await migrate(settings, place, await prepare(settings, place))
  } finally {
    await server.stop()
  }
}

async function onOwnServer(settings: Settings, url: string): Promise<number> {
  const place = placeOf(settings, url)
  const manifest = await leaving('Nothing is left in the database.', signal, async () => {
    await requireUsable(place)
    return prepare(settings, place)
  })
  const keyIsGone = settings.tokenKey === undefined ? ', and what it holds cannot be resumed: its key is gone' : ''
  const left = `The database stays as it is${keyIsGone}. Give the next demo an empty one.`
  return leaving(left, signal, () => migrate(settings, place, manifest))
}

function placeOf(settings: Settings, url: string): Place {
  return { url, tokenKey: settings.tokenKey ?? randomBytes(32).toString('base64'), signal }
}

/** What a user of drover does. */
async function migrate(settings: Settings, place: Place, manifest: Manifest): Promise<number> {
  const { out, runFlags, rehearses, tokenKey } = settings
  await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest, null, 2))

  if (tokenKey === undefined) console.log('The tokens are encrypted with a key that is made now and kept nowhere.')
  const hazards = ['merges-rows', 'runs-javascript', 'drops-indexes', ...(rehearses ? [] : ['unrehearsed'])]
  const allow = hazards.flatMap((hazard) => ['--allow', hazard])
  const planned = await drover(place, 'plan', 'migration.ts', '--summary')
  if (planned !== 0) return planned
  if (rehearses) {
    const sample = settings.scale === 's' ? ['--all'] : ['--sample', '1%']
    const rehearsed = await drover(place, 'rehearse', 'migration.ts', ...sample, '--out', join(out, 'rehearsal.txt'))
    if (rehearsed !== 0) return rehearsed
  }
  const run = await drover(place, 'run', 'migration.ts', ...allow, ...runFlags)
  // 3: done, with quarantined rows. The generator planted them, and the manifest names each.
  if (run !== 0 && run !== 3) return run
  // The file, for the questions that the application's own client asks; writes are tried because the data is made up.
  const verified = await drover(place, 'verify', 'migration.ts', '--try-writes', '--junit', join(out, 'verify.xml'))
  if (verified !== 0) return verified
  const files = ['report.html', 'report.json', 'report.md'].flatMap((name) => ['--out', join(out, name)])
  const reported = await drover(place, 'report', ...files)
  if (reported !== 0) return reported
  const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as ReportCounts
  const differences = await withClient(place.url, signal, async (client) => {
    const query = async (text: string, values?: readonly unknown[]) =>
      (await client.query(text, values as unknown[])).rows
    return [...(await compareWithManifest(query, manifest)), ...(await compareReport(query, report))]
  })
  await drover(place, 'status')
  console.log(
    differences.length === 0
      ? '\nEvery row has the outcome that the manifest names for it, and the report counts what the ledger holds.'
      : `\nDifferences:\n${differences.map((difference) => `  - ${difference}`).join('\n')}`,
  )
  console.log(
    `Report, for any browser: ${relative(directory, join(out, 'report.html'))} (and report.json, report.md, verify.xml, rehearsal.txt, manifest.json)`,
  )
  return differences.length === 0 ? 0 : 1
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (thrown) {
    throw new DroverError('usage-invalid', 'The directory of --out cannot be made.', {
      where: path,
      why: (thrown as NodeJS.ErrnoException).code,
      remedy: 'Name another one.',
      cause: thrown,
    })
  }
}
