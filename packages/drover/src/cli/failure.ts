import { expected } from '../db/server-error.ts'
import { type DroverError, errorCodes, renderError } from '../error.ts'
import { showInvisible } from '../report/invisible.ts'
import { drawError } from './error-picture.ts'
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
 * can act on as a line of JSON, in the form of the other events of a run. For a `terminal` it is drawn; anywhere else
 * each finding and fact is one line, for programs that look for words.
 */
export function describeFailure(
  thrown: unknown,
  detail: 'message' | 'stack' | 'event',
  terminal?: NodeJS.WriteStream,
): Failure {
  const error = expected(thrown)
  if (error !== undefined && detail === 'event') {
    return { text: renderErrorEvent(error), exit: errorCodes[error.code]?.exit ?? exitCodes.failed }
  }
  const stack = detail === 'stack' ? framesOf(thrown) : []
  if (error !== undefined) {
    const seen = withoutInvisible(error)
    const told = terminal === undefined ? renderError(seen) : drawError(seen, terminal)
    return { text: [told, ...stack].join('\n'), exit: errorCodes[error.code]?.exit ?? exitCodes.failed }
  }
  const hint =
    detail === 'stack' ? [] : ['  remedy: Please report it, with what --verbose adds and what drover --version says.']
  return { text: [`This is a bug of drover: ${nameOf(thrown)}.`, ...hint, ...stack].join('\n'), exit: exitCodes.failed }
}

/** Keys and names come from databases: none of them may steer a terminal, or break a line. */
function withoutInvisible(error: DroverError): DroverError {
  const { what, where, why, findings } = error
  return {
    ...error,
    what: showInvisible(what),
    where: where === undefined ? undefined : showInvisible(where),
    // Compilers and loaders tell why in several lines.
    why: why?.split('\n').map(showInvisible).join('\n'),
    findings: findings.map(showInvisible),
  }
}

function renderErrorEvent({ code, what, where, why, remedy, findings }: DroverError): string {
  const exit = errorCodes[code]?.exit ?? exitCodes.failed
  return renderJsonLine({ event: 'error', code, exit, what, findings, where, why, remedy })
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
