import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServerMemory } from '../../src/monitor/server.ts'
import { chunkMemory, decideMemory, stepMemory } from '../../src/run/memory.ts'

const mb = 1024 ** 2

/** As PostgreSQL is installed. */
const fresh: ServerMemory = {
  sharedBuffersBytes: 128 * mb,
  effectiveCacheBytes: 4096 * mb,
  workMemBytes: 4 * mb,
  maintenanceWorkMemBytes: 64 * mb,
  maxWorkerProcesses: 8,
  maxParallelMaintenanceWorkers: 2,
}

test('a server as it is installed gives little, one that was given memory gives more, up to what is of use', () => {
  expect(decideMemory(fresh, 2)).toEqual({
    workMemBytes: 8 * mb,
    maintenanceWorkMemBytes: 64 * mb,
    parallelMaintenanceWorkers: 2,
  })
  const large = { ...fresh, sharedBuffersBytes: 3072 * mb, maxWorkerProcesses: 16 }
  expect(decideMemory(large, 2)).toEqual({
    workMemBytes: 192 * mb,
    maintenanceWorkMemBytes: 768 * mb,
    parallelMaintenanceWorkers: 4,
  })
  const huge = { ...fresh, sharedBuffersBytes: 65_536 * mb, effectiveCacheBytes: 200_000 * mb }
  expect(decideMemory(huge, 2)).toMatchObject({ workMemBytes: 256 * mb, maintenanceWorkMemBytes: 1024 * mb })
})

test('a server that says that it has little is asked for little, and one that builds alone goes on doing so', () => {
  const small = { ...fresh, sharedBuffersBytes: 3072 * mb, effectiveCacheBytes: 512 * mb }
  expect(decideMemory(small, 2)).toMatchObject({ workMemBytes: 32 * mb, maintenanceWorkMemBytes: 128 * mb })
  expect(decideMemory({ ...fresh, maxParallelMaintenanceWorkers: 0 }, 1).parallelMaintenanceWorkers).toBe(0)
})

test('what is wished for goes before all, also where it is less', () => {
  const wished = decideMemory(fresh, 2, { workMem: '2MB', maintenanceWorkMem: '2GB' })
  expect(wished).toMatchObject({ workMemBytes: 2 * mb, maintenanceWorkMemBytes: 2048 * mb })
  expect(chunkMemory(wished)).toEqual({ work_mem: '2048kB' })
  expect(stepMemory(wished)).toEqual({
    work_mem: '2048kB',
    maintenance_work_mem: '2097152kB',
    max_parallel_maintenance_workers: '2',
  })
})

test('it is never less than the server gives, and beyond that never more than half of its buffers for all workers', () => {
  const bytes = (most: number) => fc.integer({ min: 1, max: most }).map((kilobytes) => kilobytes * 1024)
  const server = fc.record({
    sharedBuffersBytes: bytes(1e8),
    effectiveCacheBytes: bytes(1e9),
    workMemBytes: bytes(1e6),
    maintenanceWorkMemBytes: bytes(1e7),
    maxWorkerProcesses: fc.integer({ min: 0, max: 128 }),
    maxParallelMaintenanceWorkers: fc.integer({ min: 0, max: 16 }),
  })
  fc.assert(
    fc.property(server, fc.integer({ min: 1, max: 64 }), (given, workers) => {
      const { workMemBytes, maintenanceWorkMemBytes } = decideMemory(given, workers)
      expect(workMemBytes).toBeGreaterThanOrEqual(given.workMemBytes)
      expect(maintenanceWorkMemBytes).toBeGreaterThanOrEqual(given.maintenanceWorkMemBytes)
      const half = given.sharedBuffersBytes / 2
      if (workMemBytes > given.workMemBytes) expect(4 * workers * workMemBytes).toBeLessThanOrEqual(half)
      if (maintenanceWorkMemBytes > given.maintenanceWorkMemBytes) {
        expect(workers * maintenanceWorkMemBytes).toBeLessThanOrEqual(half)
      }
    }),
  )
})
