import { fileURLToPath } from 'node:url'
import { DroverError, type ErrorCode } from '../error.ts'

/** A kind of file that users write and drover loads as a module. */
export interface ModuleKind {
  /** As messages name it. */
  readonly noun: string
  readonly code: ErrorCode
  /** All that loading it may do. */
  readonly purpose: string
  /** Whether it may hold a password, which an error's message may quote. */
  readonly isSecret: boolean
}

/** Why such a file could not be loaded, as drover's error. */
export function describeLoadFailure(thrown: unknown, file: string, kind: ModuleKind): DroverError {
  if (thrown instanceof Error && thrown.name === 'DroverError') return thrown as DroverError
  const { what, remedy } = diagnose(thrown, kind)
  return new DroverError(kind.code, what, {
    where: placeOf(thrown) ?? file,
    why: kind.isSecret ? withoutSecrets(thrown) : messageOf(thrown),
    remedy,
    cause: thrown,
  })
}

function diagnose(thrown: unknown, { noun, purpose }: ModuleKind): { readonly what: string; readonly remedy: string } {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return {
      what: `The ${noun} imports something that does not exist.`,
      remedy: 'Correct the import, or install the package that it names.',
    }
  }
  if (isSyntaxError(thrown)) {
    return { what: `The ${noun} has a syntax error.`, remedy: 'Mend it; tsc --noEmit shows all of them.' }
  }
  return {
    what: `The ${noun} failed while it was loaded.`,
    remedy: `Mend it: loading the file must only ${purpose}.`,
  }
}

function isSyntaxError(thrown: unknown): boolean {
  return thrown instanceof SyntaxError || /^ParseError/.test(messageOf(thrown))
}

/** The first line of what was thrown. The file's author wrote the code: it holds no rows. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const message = thrown.message.split('\n')[0]!.trim()
  return ['Error', 'SyntaxError'].includes(thrown.name) ? message : `${thrown.name}: ${message}`
}

/** The same where it quotes neither a connection string nor a piece of the source, which may be one. */
function withoutSecrets(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || isSyntaxError(thrown)) return undefined
  const message = messageOf(thrown)
  return /:\/\/|password/i.test(message) ? thrown.name : message
}

/**
 * The file and line that a failure points at, as `file:line`, or undefined. Node writes the place above the stack of a
 * syntax error, jiti at the end of its message; of any other error it is the first frame outside of Node and packages.
 */
export function placeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const stack = thrown.stack ?? ''
  const [, above] = /^(\S.*:\d+)\n/.exec(stack) ?? []
  const [, parsed] = /^ ?(\/.*:\d+):\d+$/m.exec(thrown.message) ?? []
  const frame = stack
    .split('\n')
    .find((line) => /^\s+at .*(file:\/\/|\/)/.test(line) && !/node:|node_modules/.test(line))
  const [, thrownAt] = /((?:file:\/\/)?\/[^()]*:\d+):\d+\)?$/.exec(frame ?? '') ?? []
  const place = above ?? parsed ?? (thrown instanceof SyntaxError ? undefined : thrownAt)
  if (place === undefined || !place.startsWith('file://')) return place
  const colon = place.lastIndexOf(':')
  return `${fileURLToPath(place.slice(0, colon))}${place.slice(colon)}`
}
