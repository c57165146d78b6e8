import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from '../../src/embedded/index.ts'

/** Where Linux keeps files in memory. */
const memory = '/dev/shm'

/** What a test server may need there, with its log, in bytes. */
const neededBytes = 6 * 1024 ** 3

/**
 * Starts an embedded server without fsync whose data lies in memory, where the system has room for it there. Tests make
 * tables by the ten thousand and fill few of them: on a disk they would wait for its file system most of the time. A server
 * that is killed loses nothing of its data there.
 */
export async function startInMemory(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  removeLeftovers()
  const folder = hasRoom() ? mkdtempSync(join(memory, `drover-test-${process.pid}-`)) : undefined
  const server = await startEmbedded({ fsync: false, ...options, ...(folder && { dataDirectory: folder }) })
  const stop = async () => {
    await server.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
  return { ...server, stop }
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return Math.min(bavail * bsize, freemem()) >= neededBytes
  } catch {
    return false
  }
}

/** A data directory of one's own stays when its process is killed; the server itself does not. */
function removeLeftovers(): void {
  for (const name of hasRoom() ? readdirSync(memory) : []) {
    const pid = /^drover-test-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(memory, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
