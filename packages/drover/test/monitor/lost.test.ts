import { expect, it } from 'vitest'
import type { BegunTask } from '../../src/ledger/progress.ts'
import { lostTasks } from '../../src/monitor/lost.ts'
import { isWorkerOf, workerName } from '../../src/monitor/worker-name.ts'

const taskOf = (worker: string): BegunTask => ({ worker, mapping: 'vals', kind: 'chunk', chunk: '7', rows: 50 })

it.each([
  ['host', '1'],
  ['a.host.with.dots', '99'],
  ['a-host-with-a-name-that-is-longer-than-the-server-shows', '4711'],
  ["it's a host, ü", '3'],
])('a worker is known for one of the process on %s', (host, pid) => {
  const worker = workerName(host, pid, 12)
  expect(worker).toMatch(/^[\w.-]{1,40}$/)
  expect(isWorkerOf(worker, `${host}.${pid}`)).toBe(true)
  expect(isWorkerOf(worker, `${host}.1${pid}`)).toBe(false)
  expect(isWorkerOf(worker, `${host}.${pid}1`)).toBe(false)
  expect(isWorkerOf(worker, 'elsewhere.5')).toBe(false)
})

it('a task is lost where neither its worker has a session nor its process speaks', () => {
  const tasks = ['h.1.1', 'h.2.1', 'h.3.1', 'h.11.1'].map(taskOf)
  const lost = lostTasks(tasks, [{ worker: 'h.2.1' }], ['h.1'])
  expect(lost.map(({ worker }) => worker)).toEqual(['h.3.1', 'h.11.1'])
})
