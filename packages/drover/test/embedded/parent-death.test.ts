import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { spawnParent, startInChild } from './child.ts'
import { queryAt } from './query.ts'
import { temporaryFolder } from './sandbox.ts'
import { expectGone, orphanedSegments, processesIn, tracesOf } from './traces.ts'

const folder = await temporaryFolder()

// What is left of a server is read from /proc.
describe.runIf(process.platform === 'linux').concurrent('a server goes when its parent', () => {
  test('is killed', async () => {
    const { child, server } = await startInChild({ temporaryFolder: folder })
    const traces = tracesOf(server)
    child.kill('SIGKILL')
    await expectGone(traces)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('and the rest of its group get %s', async (signal) => {
    const { child, server } = await startInChild({ temporaryFolder: folder })
    const traces = tracesOf(server)
    process.kill(-child.pid!, signal)
    await expectGone(traces)
  })

  test('and all processes of a service get SIGTERM', async () => {
    const { child, server } = await startInChild({ temporaryFolder: folder })
    const traces = tracesOf(server)
    for (const pid of processesIn(traces.folder)) process.kill(pid, 'SIGTERM')
    child.kill('SIGTERM')
    await expectGone(traces)
  })

  test('comes to its end, from which nothing keeps it', async () => {
    const { child, server } = await startInChild({ temporaryFolder: folder, ending: 'ends' })
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
    const serverFolder = dirname(server.dataDirectory)
    await expect.poll(() => existsSync(serverFolder), { timeout: 15_000 }).toBe(false)
    expect(processesIn(serverFolder)).toEqual([])
  })

  test('is killed, but a data directory that was given stays', async () => {
    const dataDirectory = join(folder, 'kept', 'data')
    const { child, server } = await startInChild({ temporaryFolder: folder, dataDirectory })
    const traces = tracesOf(server)
    await queryAt(server.url, 'create table kept as select 42 as answer')
    child.kill('SIGKILL')
    await expectGone(traces, 'data')
    const again = await startInChild({ temporaryFolder: folder, dataDirectory })
    expect(await queryAt(again.server.url, 'select answer from kept')).toBe('42')
    const tracesAgain = tracesOf(again.server)
    again.child.kill('SIGKILL')
    await expectGone(tracesAgain, 'data')
  })
})

/** The folders of servers, not the binaries that stay for the next one. */
const serverFolders = async () => (await readdir(folder)).filter((name) => name.startsWith('drover-server-'))

describe.runIf(process.platform === 'linux')('afterwards', () => {
  test('no temporary folder is left', async () => {
    await expect.poll(serverFolders, { timeout: 15_000, interval: 50 }).toEqual([])
  })

  test('nor is one when the parent is killed in the middle of initdb', async () => {
    const before = orphanedSegments()
    const child = spawnParent({ temporaryFolder: folder })
    const isUnderWay = async () => {
      const [name] = await serverFolders()
      return name !== undefined && existsSync(join(folder, name, 'data', 'PG_VERSION'))
    }
    await expect.poll(isUnderWay, { timeout: 15_000, interval: 5 }).toBe(true)
    child.kill('SIGKILL')
    await expect.poll(serverFolders, { timeout: 15_000, interval: 50 }).toEqual([])
    expect(processesIn(folder)).toEqual([])
    expect(orphanedSegments()).toEqual(before)
  })
})
