#!/usr/bin/env node
import './heap.ts'
import { CommanderError } from 'commander'
import { exitCodes } from './exit.ts'
import { describeFailure } from './failure.ts'
import type { Io } from './io.ts'
import { buildProgram, readWords } from './program.ts'

/** Both stop a run after the chunks under way; what a container's host sends is as polite as Ctrl-C. */
const interrupts = ['SIGINT', 'SIGTERM'] as const

const io: Io = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  finish(exit) {
    process.exitCode = exit
  },
  exitNow(exit) {
    process.exit(exit)
  },
  onInterrupt(listener) {
    for (const name of interrupts) process.on(name, listener)
    return () => {
      for (const name of interrupts) process.off(name, listener)
    }
  },
}

function fail(thrown: unknown): void {
  if (thrown instanceof CommanderError) {
    // Help, version and wrong flags: commander has already printed what there is to say.
    io.finish(thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage)
    return
  }
  const isVerbose = process.argv.includes('--verbose') || Boolean(process.env.DEBUG)
  // Whoever asks for JSON reads errors by program, too.
  const detail = process.argv.includes('--json') ? 'event' : isVerbose ? 'stack' : 'message'
  const { text, exit } = describeFailure(thrown, detail, process.stderr.isTTY ? process.stderr : undefined)
  process.stderr.write(`${text}\n`)
  io.finish(exit)
}

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has read enough (`drover plan --sql | head`): no reason to stop working.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
process.on('uncaughtException', (thrown) => {
  fail(thrown)
  process.exit()
})

await buildProgram(io)
  .parseAsync(readWords(process.argv.slice(2)), { from: 'user' })
  .catch(fail)
