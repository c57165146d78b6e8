import type { BegunTask } from '../ledger/progress.ts'
import type { Session } from './session.ts'
import { isWorkerOf } from './worker-name.ts'

/**
 * What workers have begun who are gone: none of them has a session, and their process has written no sample for ten seconds.
 * A worker between two transactions has no session either, and one that is held back or waits for the server none for long,
 * but its process goes on telling of itself. A dead worker's transaction was rolled back by the server: what it had begun is
 * as it was, and open.
 *
 * @param processes `host.pid` of those that have spoken in the last ten seconds
 */
export function lostTasks(
  tasks: readonly BegunTask[],
  sessions: readonly Pick<Session, 'worker'>[],
  processes: readonly string[],
): readonly BegunTask[] {
  return tasks.filter(
    ({ worker }) =>
      !sessions.some((session) => session.worker === worker) &&
      !processes.some((process) => isWorkerOf(worker, process)),
  )
}

/** What is told of it. */
export function describeLost(task: BegunTask): string {
  return `${task.worker} is gone: its transaction was rolled back, and ${thing(task)} is open again.`
}

function thing({ kind, mapping, chunk }: BegunTask): string {
  switch (kind) {
    case 'chunk':
      return `chunk ${chunk} of ${mapping}`
    case 'build':
      return `the build of ${chunk} of ${mapping}`
    case 'prepare':
      return `the preparation of ${mapping}`
    case 'close':
      return `the closing of ${mapping}`
  }
}
