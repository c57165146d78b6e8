import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import { DroverError, errorCodes, renderError } from '../error.ts'
import { type ExitCode, exitCodes } from './exit.ts'
import { renderJsonLine } from './result.ts'

/** What the command line says about something that was thrown. */
export interface Failure {
  readonly text: string
  readonly exit: ExitCode
}

/**
 * The words and the exit code for anything thrown. `stack` adds where in the program it was thrown: the frames alone,
 * because the first line of a stack is the message, and a server's message quotes values (I8). `event` gives what users
 * can act on as a line of JSON, in the form of the other events of a run.
 */
export function describeFailure(thrown: unknown, detail: 'message' | 'stack' | 'event'): Failure {
  const error = expected(thrown)
  if (error !== undefined && detail === 'event') {
    return { text: renderErrorEvent(error), exit: errorCodes[error.code]?.exit ?? exitCodes.failed }
  }
  const stack = detail === 'stack' ? framesOf(thrown) : []
  if (error !== undefined) {
    return { text: [renderError(error), ...stack].join('\n'), exit: errorCodes[error.code]?.exit ?? exitCodes.failed }
  }
  const hint = detail === 'stack' ? [] : ['  remedy: Please report it, with what --verbose adds.']
  return { text: [`This is a bug of drover: ${nameOf(thrown)}.`, ...hint, ...stack].join('\n'), exit: exitCodes.failed }
}

function renderErrorEvent({ code, what, where, why, remedy, findings }: DroverError): string {
  const exit = errorCodes[code]?.exit ?? exitCodes.failed
  return renderJsonLine({ event: 'error', code, exit, what, findings, where, why, remedy })
}

/**
 * The thrown thing as an error that users can act on, or undefined where it is a mistake of the program. A migration
 * file may bring a second copy of the library: its errors are known by their name, not by their class.
 */
export function expected(thrown: unknown): DroverError | undefined {
  if (thrown instanceof Error && thrown.name === 'DroverError') return thrown as DroverError
  if (serverErrorOf(thrown) !== undefined) {
    return asDroverError(thrown, 'statement-failed', 'The server refused a statement of drover.')
  }
  if (!isLostConnection(thrown)) return undefined
  return new DroverError('database-unreachable', 'The connection to the server was lost.', {
    remedy: 'Check that the server is running, then give the command again: nothing is done twice.',
    cause: thrown,
  })
}

/** The driver gives no code for a connection that ends in the middle of a statement. */
function isLostConnection(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const { code } = thrown as NodeJS.ErrnoException
  return /^(ECONN|EPIPE|ETIMEDOUT)/.test(code ?? '') || thrown.message.startsWith('Connection terminated')
}

/** The class, and the message where the engine wrote it about code: any other message may quote a value (I8). */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `a ${typeof thrown} was thrown`
  const { code, syscall } = thrown as NodeJS.ErrnoException
  if (syscall !== undefined) return `${thrown.name}: ${code}, ${syscall}`
  const isAboutCode = (thrown instanceof TypeError || thrown instanceof ReferenceError) && code === undefined
  return isAboutCode ? `${thrown.name}: ${thrown.message.replace(/\.$/, '')}` : thrown.name
}

function framesOf(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error)) return []
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const { cause } = thrown
  return cause instanceof Error ? [...frames, `  caused by ${cause.name}`, ...framesOf(cause)] : frames
}
