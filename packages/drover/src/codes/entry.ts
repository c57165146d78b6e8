/** What a code that people meet stands for. Each is a sentence or several; keys and values of rows have no place here. */
export interface Entry {
  /** What is so. */
  readonly meaning: string
  /** How it comes about. */
  readonly cause: string
  /** What there is to do. An error that knows more says more. */
  readonly remedy: string
}

/**
 * An error of drover's own. `exit`: the exit code of the command line: 1 the work failed, 2 the call was wrong, 130 it
 * was interrupted.
 */
export interface ErrorEntry extends Entry {
  readonly exit: 1 | 2 | 130
}

/** Entries by code. */
export type Entries<E extends Entry = Entry> = Readonly<Record<string, E>>
