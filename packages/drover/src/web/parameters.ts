import { DroverError } from '../error.ts'

/** What a request names: of its address, or of a form. Whatever is not a text that a server can hold is refused. */
export interface Parameters {
  /** @throws DroverError `usage-invalid` where it is not there. */
  require(name: string): string
  /** Undefined where it is not there, or empty. */
  optional(name: string): string | undefined
  /** What all of them are called, each once. */
  names(): readonly string[]
}

/** @throws DroverError `usage-invalid` where a parameter holds a null character: no text of PostgreSQL does. */
export function parametersOf(values: URLSearchParams): Parameters {
  for (const [name, value] of values) {
    if (name.includes('\0') || value.includes('\0')) {
      throw new DroverError('usage-invalid', 'The address or form holds a null character.', { remedy: goBack })
    }
  }
  const optional = (name: string) => values.get(name) || undefined
  return {
    require(name) {
      const value = values.get(name)
      if (value !== null) return value
      throw new DroverError('usage-invalid', `The address or form does not say which ${name} is meant.`, {
        remedy: goBack,
      })
    },
    optional,
    names: () => [...new Set(values.keys())],
  }
}

/**
 * A run by its number in an address.
 *
 * @throws DroverError `run-missing` where no run can have it.
 */
export function requireRunNumber(text: string): string {
  // An int8 has 19 digits at most; the largest have no run.
  if (/^[1-9]\d{0,17}$/.test(text)) return text
  throw new DroverError('run-missing', 'There is no such run.', { remedy: 'Choose one of the list of runs.' })
}

const goBack = 'Go back and follow a link of the page.'
