/** What a part is asked to do. */
export interface Settings {
  /** Everything as small as it can be and still mean something. */
  readonly quick: boolean
  /** Rounds that count. */
  readonly rounds: number
  /** Rows of the tables that grow. */
  readonly rows: number
  /** Names of variants; others of the part are left out. Empty: all. */
  readonly only: readonly string[]
}
