import { fileURLToPath } from 'node:url'
import { DroverError } from '../error.ts'

/** Why a migration file could not be loaded, as drover's error. */
export function describeLoadFailure(thrown: unknown, file: string): DroverError {
  if (thrown instanceof Error && thrown.name === 'DroverError') return thrown as DroverError
  const { what, remedy } = diagnose(thrown)
  return new DroverError('migration-file-unreadable', what, {
    where: placeOf(thrown) ?? file,
    why: messageOf(thrown),
    remedy,
    cause: thrown,
  })
}

function diagnose(thrown: unknown): { readonly what: string; readonly remedy: string } {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return {
      what: 'The migration file imports something that does not exist.',
      remedy: 'Correct the import, or install the package that it names.',
    }
  }
  if (thrown instanceof SyntaxError || /^ParseError/.test(messageOf(thrown))) {
    return { what: 'The migration file has a syntax error.', remedy: 'Mend it; tsc --noEmit shows all of them.' }
  }
  return {
    what: 'The migration file failed while it was loaded.',
    remedy: 'Mend it: loading the file must only define the migration.',
  }
}

/** The first line of what was thrown. The migration's author wrote the code: it holds no rows. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const message = thrown.message.split('\n')[0]!.trim()
  return ['Error', 'SyntaxError'].includes(thrown.name) ? message : `${thrown.name}: ${message}`
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
