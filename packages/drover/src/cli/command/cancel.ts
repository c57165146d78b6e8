import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { defineStop } from '../stop-command.ts'

/** `drover cancel`: ends a run for good. */
export function defineCancel(command: Command, io: Io): void {
  defineStop(command, io, {
    description:
      'Ends a run for good: its workers stop after the chunks they are at, and the source takes writes again. What the run has loaded stays, and the migration does not run again before that is taken back; where it has loaded nothing, it runs again at once.',
    example: 'drover cancel --run 7',
    stop: async (db, runId) => (await import('../../run/control.ts')).cancelRun(db, runId),
    told: {
      cancelled: (id) => `Run ${id} is cancelled. What it has loaded stays.`,
      loaded: (id) => `Run ${id} is loaded: it was done before the cancel took effect.`,
    },
  })
}
