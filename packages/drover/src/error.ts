import { type ErrorCode, errorCodes } from './codes/errors.ts'

export { type ErrorCode, errorCodes }

/** What an error says beside what happened. */
export interface ErrorDetails {
  /** Mapping, table, column, chunk, key range, file: where it happened. Keys, never values (I8). */
  readonly where?: string | undefined
  /** The cause as the server or the system names it, e.g. an SQLSTATE. */
  readonly why?: string | undefined
  /** What to do about it, as a sentence. Default: what the catalogue says of the code. */
  readonly remedy?: string | undefined
  /** Further findings of the same kind, shown as a list: definition errors are collected, not told one by one. */
  readonly findings?: readonly string[] | undefined
  readonly cause?: unknown
}

/** The one error class of drover: what happened, where, why, and what helps. */
export class DroverError extends Error {
  override readonly name = 'DroverError'
  readonly code: ErrorCode
  readonly what: string
  readonly where: string | undefined
  readonly why: string | undefined
  readonly remedy: string
  readonly findings: readonly string[]

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.what = what
    this.where = details.where
    this.why = details.why
    this.remedy = details.remedy ?? errorCodes[code].remedy
    this.findings = details.findings ?? []
  }
}

/** Whether the error says what helps where it happened, beyond what helps with every error of its code. */
export function hasRemedyOfItsOwn({ code, remedy }: DroverError): boolean {
  return remedy !== errorCodes[code].remedy
}

/** The error as lines of text, as long as they are: what, the findings, then where, why and remedy. */
export function renderError(error: DroverError): string {
  return [
    `${error.what} [${error.code}]`,
    ...error.findings.map((finding) => `  - ${finding}`),
    ...factsOf(error).map(([name, text]) => `  ${`${name}:`.padEnd(7)} ${text}`),
  ].join('\n')
}

/** Where, why and remedy, as far as they are known. Of another copy of the library the remedy may be missing. */
export function factsOf({ where, why, remedy }: DroverError): readonly (readonly [string, string])[] {
  const facts = { where, why, remedy: remedy as string | undefined }
  return Object.entries(facts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))
}
