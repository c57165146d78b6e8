import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startEmbedded } from '../../src/embedded/index.ts'
import { spawnParent, startInChild } from '../embedded/child.ts'
import { queryAt } from '../embedded/query.ts'
import { temporaryFolder } from '../embedded/sandbox.ts'
import { expectGone, orphanedSegments, processesIn, tracesOf } from '../embedded/traces.ts'

const folder = await temporaryFolder()
const dataDirectory = join(folder, 'kept', 'data')

/** The temporary folders of servers, not the binaries that stay for the next one. */
const serverFolders = async () => (await readdir(folder)).filter((name) => name.startsWith('drover-server-'))

// What is left of a server is read from /proc.
describe.runIf(process.platform === 'linux')('a server goes when its parent', () => {
  afterEach(async () => {
    const left = async () => ({ folders: await serverFolders(), processes: processesIn(folder) })
    await expect.poll(left, { timeout: 60_000, interval: 50 }).toEqual({ folders: [], processes: [] })
  })

  test('is killed', async () => {
    const { child, server } = await startInChild({ temporaryFolder: folder })
    const traces = tracesOf(server)
    child.kill('SIGKILL')
    await expectGone(traces)
  })

  test('comes to its end, from which nothing keeps it', async () => {
    const { child } = await startInChild({ temporaryFolder: folder, ending: 'ends' })
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })

  test('is killed in the middle of initdb', async () => {
    const before = orphanedSegments()
    const child = spawnParent({ temporaryFolder: folder })
    await expect.poll(isInitdbUnderWay, { timeout: 60_000, interval: 5 }).toBe(true)
    child.kill('SIGKILL')
    await expect.poll(serverFolders, { timeout: 60_000, interval: 50 }).toEqual([])
    expect(orphanedSegments()).toEqual(before)
  })

  test('gives the start up', async () => {
    vi.stubEnv('TMPDIR', folder)
    const abort = new AbortController()
    const starting = startEmbedded({ fsync: false, signal: abort.signal })
    starting.catch(() => {})
    await expect.poll(isInitdbUnderWay, { timeout: 60_000, interval: 5 }).toBe(true)
    abort.abort(new Error('never mind'))
    await expect(starting).rejects.toThrow('never mind')
    expect(await serverFolders()).toEqual([])
    vi.unstubAllEnvs()
  })

  test('is killed, but data that it gave stay', async () => {
    const { child, server } = await startInChild({ temporaryFolder: folder, dataDirectory })
    const traces = tracesOf(server)
    await queryAt(server.url, 'create table kept as select 42 as answer')
    child.kill('SIGKILL')
    await expectGone(traces, 'data')
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('and the rest of its group get %s', async (signal) => {
    const { child, server } = await startInChild({ temporaryFolder: folder, dataDirectory })
    const traces = tracesOf(server)
    process.kill(-child.pid!, signal)
    await expectGone(traces, 'data')
  })

  test('and every other process get SIGTERM', async () => {
    const { server } = await startInChild({ temporaryFolder: folder, dataDirectory })
    expect(await queryAt(server.url, 'select answer from kept')).toBe('42')
    const traces = tracesOf(server)
    for (const pid of processesIn(folder)) endIfThere(pid)
    await expectGone(traces, 'data')
  })
})

/** One process's end may have been another's before its turn comes. */
function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ESRCH')
  }
}

async function isInitdbUnderWay(): Promise<boolean> {
  const [name] = await serverFolders()
  return name !== undefined && existsSync(join(folder, name, 'data', 'PG_VERSION'))
}
