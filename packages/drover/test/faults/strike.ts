import { once } from 'node:events'
import type { Queryable } from '../../src/db/connection.ts'
import type { BreakableWay } from '../support/proxy.ts'
import type { Fault } from './points.ts'

/** Lets a fault strike the process itself, its connections by way of `way`, or the transaction. Prints `struck` first. */
export async function strike(kind: Fault, tx: Queryable | undefined, way: BreakableWay): Promise<void> {
  process.stdout.write('struck\n')
  switch (kind) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      // The signal takes a moment; nothing may happen in it.
      return new Promise(() => {})
    case 'drop':
      way.cutOff()
      way.admit()
      return
    case 'terminate':
      await tx!.query('select pg_terminate_backend(pg_backend_pid())')
      return
    case 'restart':
      // Whoever started this process has the server.
      process.stdout.write('restart\n')
      await once(process.stdin, 'data')
      process.stdin.unref()
      return
    case 'unclear':
      void way.breakAfter('commit\0')
      return
    default:
      await tx!.query(`do $$ begin raise sqlstate '${kind}'; end $$`)
  }
}
