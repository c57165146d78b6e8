/** A bench: one file in benches/, its default export. */
export interface Bench {
  /** One line for the list of benches. */
  readonly about: string
  /** Measures and prints. `options` are the words after the bench's name. */
  readonly run: (options: readonly string[]) => Promise<void>
}
