import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { defineStop } from '../stop-command.ts'

/** `drover pause`: stops the workers of a run after the chunks they are at. */
export function definePause(command: Command, io: Io): void {
  defineStop(command, io, {
    description:
      'Asks the workers of a run, wherever they are, to stop after the chunks they are at, and waits until they have. Nothing is lost; drover resume takes the run up again.',
    example: 'drover pause --run 7',
    stop: async (db, runId) => (await import('../../run/control.ts')).pauseRun(db, runId),
    told: {
      paused: (id) => `Run ${id} is paused. Take it up again: drover resume --run ${id}.`,
      loaded: (id) => `Run ${id} is loaded: it was done before the pause took effect.`,
    },
  })
}
