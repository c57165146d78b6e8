import type { MemorySizes } from '../config.ts'
import type { ServerMemory } from '../monitor/server.ts'

/** What the transactions of one process may use to sort, to hash and to build indexes; sizes in bytes. */
export interface Memory {
  readonly workMemBytes: number
  readonly maintenanceWorkMemBytes: number
  readonly parallelMaintenanceWorkers: number
}

/** Sorts and hashes that a chunk does at once: a large one has about so many. */
const nodesPerChunk = 4
/** Above these, sorts and hashes gain nothing any more that was measured. */
const mostWorkMemBytes = 256 * 1024 ** 2
const mostMaintenanceWorkMemBytes = 1024 ** 3
const mostParallelMaintenanceWorkers = 4

/**
 * Divides a part of the server's memory among the workers of this process. An operator gives shared buffers about a
 * quarter of the machine, so half of that is an eighth: all chunks at once take no more for their sorts and hashes, all
 * steps at once no more for their indexes. A small `effective_cache_size` says that even that is too much. What the server
 * gives by itself is the least, so that no run is slower than without this; what is wished for goes before all.
 *
 * Index builds get more parallel workers only where half of the server's processes suffice for all steps at once; a server
 * that allows none for one build has its reason.
 */
export function decideMemory(server: ServerMemory, workers: number, wishes: Partial<MemorySizes> = {}): Memory {
  const share = Math.min(server.sharedBuffersBytes, server.effectiveCacheBytes) / 2 / workers
  const workMem = Math.min(share / nodesPerChunk, mostWorkMemBytes)
  const maintenanceWorkMem = Math.min(share, mostMaintenanceWorkMemBytes)
  const builders = Math.min(Math.floor(server.maxWorkerProcesses / 2 / workers), mostParallelMaintenanceWorkers)
  return {
    workMemBytes: bytesOf(wishes.workMem) ?? Math.max(server.workMemBytes, Math.floor(workMem)),
    maintenanceWorkMemBytes:
      bytesOf(wishes.maintenanceWorkMem) ?? Math.max(server.maintenanceWorkMemBytes, Math.floor(maintenanceWorkMem)),
    parallelMaintenanceWorkers:
      server.maxParallelMaintenanceWorkers === 0 ? 0 : Math.max(server.maxParallelMaintenanceWorkers, builders),
  }
}

/** The settings of a chunk. */
export function chunkMemory({ workMemBytes }: Memory): Readonly<Record<string, string>> {
  return { work_mem: sizeOf(workMemBytes) }
}

/** The settings of what prepares and closes a mapping and builds its indexes. */
export function stepMemory(memory: Memory): Readonly<Record<string, string>> {
  return {
    ...chunkMemory(memory),
    maintenance_work_mem: sizeOf(memory.maintenanceWorkMemBytes),
    max_parallel_maintenance_workers: String(memory.parallelMaintenanceWorkers),
  }
}

const units = { MB: 1024 ** 2, GB: 1024 ** 3 } as const

function bytesOf(size: MemorySizes[keyof MemorySizes] | undefined): number | undefined {
  if (size === undefined) return undefined
  return Number.parseInt(size, 10) * units[size.slice(-2) as keyof typeof units]
}

function sizeOf(bytes: number): string {
  return `${Math.floor(bytes / 1024)}kB`
}
