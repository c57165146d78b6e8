/** What is wrong with one setting. */
export interface Mistake {
  /** A sentence with the setting and its place, and never the value: it may hold a password. */
  readonly what: string
  /** The file or the variable. */
  readonly where: string
  readonly remedy: string
}
