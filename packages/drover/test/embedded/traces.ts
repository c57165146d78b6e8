import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { connectionRefused } from './query.ts'

/** What a running server has on a Linux machine beside its files. */
export interface Traces {
  readonly folder: string
  readonly dataDirectory: string
  readonly port: number
  readonly postmaster: number
  /** Its System V segment, which guards the data directory. */
  readonly segment: string
  /** Its files in /dev/shm. */
  readonly sharedFiles: readonly string[]
}

/** Looks at a server that runs in a temporary folder or in a data directory that is kept. */
export function tracesOf(server: { readonly dataDirectory: string; readonly port: number }): Traces {
  const { dataDirectory, port } = server
  const lockFile = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')
  const postmaster = Number(lockFile[0])
  const segment = lockFile[6]!.trim().split(/\s+/)[1]!
  const maps = readFileSync(`/proc/${postmaster}/maps`, 'utf8')
  const sharedFiles = [...new Set(maps.match(/\/dev\/shm\/PostgreSQL\.\d+/g))]
  const traces = { folder: dirname(dataDirectory), dataDirectory, port, postmaster, segment, sharedFiles }
  // What is expected to be gone must have been there.
  expect(segments()).toContain(segment)
  expect(sharedFiles.length).toBeGreaterThan(0)
  expect(processesIn(traces.folder).length).toBeGreaterThan(1)
  return traces
}

/** Waits until nothing but a data directory that is kept is left of a server. */
export async function expectGone(traces: Traces, kept: 'nothing' | 'data' = 'nothing'): Promise<void> {
  const left = () => ({
    processes: processesIn(traces.folder),
    folder: kept === 'nothing' && existsSync(traces.folder),
    lockFile: existsSync(join(traces.dataDirectory, 'postmaster.pid')),
    segment: segments().includes(traces.segment),
    sharedFiles: traces.sharedFiles.filter((file) => existsSync(file)),
  })
  await expect
    .poll(left, { timeout: 60_000, interval: 50 })
    .toEqual({ processes: [], folder: false, lockFile: false, segment: false, sharedFiles: [] })
  expect(await connectionRefused(traces.port)).toBe(true)
}

/** The processes that work in a folder or were told of it. */
export function processesIn(folder: string): readonly number[] {
  const isThere = (pid: string) => {
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) ||
        readlinkSync(`/proc/${pid}/cwd`).includes(folder)
      )
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isThere(name))
    .map(Number)
}

/** The System V segments that no process is attached to. */
export function orphanedSegments(): readonly string[] {
  return sharedMemory()
    .filter(({ attached }) => attached === 0)
    .map(({ segment }) => segment)
}

function segments(): readonly string[] {
  return sharedMemory().map(({ segment }) => segment)
}

/** Of each line of /proc/sysvipc/shm: the second column, its identifier, and the seventh, who is attached to it. */
function sharedMemory(): readonly { readonly segment: string; readonly attached: number }[] {
  const lines = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const columns = line.trim().split(/\s+/)
    return { segment: columns[1]!, attached: Number(columns[6]) }
  })
}
