import { readFile, statfs } from 'node:fs/promises'
import type { Queryable } from '../db/connection.ts'

/** What a process learns of the server once, before it works: it does not change while the server runs. */
export interface Server {
  /** `server_version_num`, e.g. 180004. */
  readonly version: number
  readonly memory: ServerMemory
  /** Whether commits return before they are on the disk, unless a transaction says otherwise. */
  readonly commitsAsynchronously: boolean
  /** Where the server keeps its data, if that is on this machine and the role may know; else null. */
  readonly dataDirectory: string | null
  /** Figures that the role may not see, or that cannot be seen from here, each with the reason. */
  readonly hidden: readonly HiddenFigure[]
}

/** The server's own settings of memory and of parallel work; sizes in bytes. */
export interface ServerMemory {
  readonly sharedBuffersBytes: number
  readonly effectiveCacheBytes: number
  readonly workMemBytes: number
  readonly maintenanceWorkMemBytes: number
  readonly maxWorkerProcesses: number
  readonly maxParallelMaintenanceWorkers: number
}

/** A figure that is not known, as the samples name it. */
export interface HiddenFigure {
  readonly figure: 'replicationLagSeconds' | 'activeSessions' | 'freeDiskBytes'
  /** A part of a sentence. */
  readonly why: string
}

/** Reads what does not change. */
export async function readServer(tx: Queryable): Promise<Server> {
  const [row] = await tx.query(
    `select current_setting('server_version_num')::integer as version,
  pg_size_bytes(current_setting('shared_buffers'))::float8 as shared_buffers,
  pg_size_bytes(current_setting('effective_cache_size'))::float8 as effective_cache,
  pg_size_bytes(current_setting('work_mem'))::float8 as work_mem,
  pg_size_bytes(current_setting('maintenance_work_mem'))::float8 as maintenance_work_mem,
  current_setting('max_worker_processes')::integer as worker_processes,
  current_setting('max_parallel_maintenance_workers')::integer as maintenance_workers,
  current_setting('synchronous_commit') = 'off' as commits_asynchronously,
  pg_has_role('pg_read_all_stats', 'usage') as reads_all_stats,
  -- Of a setting that the role may not see there is no row.
  (select setting from pg_settings where name = 'data_directory') as data_directory,
  pg_backend_pid() as pid`,
  )
  const hidden: HiddenFigure[] = []
  if (!row?.reads_all_stats) {
    const why = 'the role is no member of pg_read_all_stats'
    hidden.push({ figure: 'replicationLagSeconds', why }, { figure: 'activeSessions', why })
  }
  const named = row?.data_directory as string | null
  const why = await whyHidden(row?.pid as number, named)
  if (why !== undefined) hidden.push({ figure: 'freeDiskBytes', why })
  return {
    version: row?.version as number,
    memory: {
      sharedBuffersBytes: row?.shared_buffers as number,
      effectiveCacheBytes: row?.effective_cache as number,
      workMemBytes: row?.work_mem as number,
      maintenanceWorkMemBytes: row?.maintenance_work_mem as number,
      maxWorkerProcesses: row?.worker_processes as number,
      maxParallelMaintenanceWorkers: row?.maintenance_workers as number,
    },
    commitsAsynchronously: row?.commits_asynchronously as boolean,
    dataDirectory: why === undefined ? named : null,
    hidden,
  }
}

/** Why the disk below the server's data cannot be looked at; undefined where it can. */
async function whyHidden(pid: number, dataDirectory: string | null): Promise<string | undefined> {
  if (!(await isOnThisMachine(pid))) return 'the server is not on this machine'
  if (dataDirectory === null) return 'the role is no member of pg_read_all_settings'
  const isReachable = await statfs(dataDirectory).then(
    () => true,
    () => false,
  )
  return isReachable ? undefined : 'the folder of its data is closed to this process'
}

/**
 * Whether the session's server process is seen here. An address does not tell: by a tunnel every server is at home. Where
 * the system does not show its processes as files, nothing is.
 */
async function isOnThisMachine(pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return name.trim() === 'postgres'
}
