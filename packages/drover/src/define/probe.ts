/** What a probe is given. */
export interface ProbeContext {
  /**
   * The database, as a connection string for any client. Sessions that are opened with it are read-only by default, by its
   * parameter `options`, which a pooler may have to be told to let pass; the password is in it.
   */
  readonly url: string
  /** The run that is verified. */
  readonly runId: string
  /** Asks the database in a read-only transaction, as the role that drover connects as. int8 and numeric come as text. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Aborted when the verification is interrupted. */
  readonly signal: AbortSignal
}

/** What a probe found. Texts by keys, never by values: they stand in findings and reports. */
export interface ProbeAnswer {
  /** How many questions were asked. */
  readonly asked: number
  /** What is wrong, a sentence each; none where all is well. */
  readonly wrong: readonly string[]
  /** What could not be asked, a sentence each. Default none. */
  readonly notAsked?: readonly string[]
}

/**
 * Asks the database what the application asks, with the application's own client. One that throws fails; of what it throws
 * the name and the SQLSTATE are told, never the message.
 */
export type ProbeFunction = (context: ProbeContext) => Promise<ProbeAnswer>

/** A check by a function of the author's, as the plan is built from it. */
export interface ProbeDefinition {
  readonly kind: 'probe'
  readonly name: string
  readonly ask: ProbeFunction
}
