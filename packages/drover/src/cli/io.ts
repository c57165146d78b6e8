import type { ExitCode } from './exit.ts'

/** What a command may touch of the process it runs in. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Answers, where somebody is asked. */
  readonly stdin: NodeJS.ReadStream
  /** Results. */
  readonly stdout: NodeJS.WriteStream
  /** Progress, errors and hints. */
  readonly stderr: NodeJS.WriteStream
  /** The exit code of the process when it comes to its end. */
  finish(exit: ExitCode): void
  /** Ends the process at once. */
  exitNow(exit: ExitCode): void
  /** Calls `listener` for each Ctrl-C or request to terminate, instead of ending the process; returns how to stop that. */
  onInterrupt(listener: () => void): () => void
}
