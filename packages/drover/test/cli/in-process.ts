import { Readable, Writable } from 'node:stream'
import { CommanderError } from 'commander'
import { exitCodes } from '../../src/cli/exit.ts'
import { describeFailure } from '../../src/cli/failure.ts'
import type { Io } from '../../src/cli/io.ts'
import { buildProgram } from '../../src/cli/program.ts'
import type { Result } from './drover.ts'

/** Calls the command line within this process, which is quicker by far than a process of its own. */
export async function callInProcess(
  words: readonly string[],
  database: string,
  // Nobody is there to be asked.
  stdin = Readable.from([]) as unknown as NodeJS.ReadStream,
): Promise<Result> {
  const [stdout, stderr] = [collector(), collector()]
  let exit: number = exitCodes.done
  const io: Io = {
    env: { DATABASE_URL: database },
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    finish(code) {
      exit = code
    },
    exitNow: () => {
      throw new Error('It does not end by itself.')
    },
    onInterrupt: () => () => {},
  }
  await buildProgram(io)
    .parseAsync(words, { from: 'user' })
    .catch((thrown: unknown) => {
      if (thrown instanceof CommanderError) {
        exit = thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage
        return
      }
      const failure = describeFailure(thrown, 'message')
      exit = failure.exit
      stderr.stream.write(`${failure.text}\n`)
    })
  return { exit, stdout: stdout.text(), stderr: stderr.text() }
}

function collector() {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  }) as unknown as NodeJS.WriteStream
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') }
}
