/** Quarantined rows: those that all the parts which are given say. None given: every one that was not accepted. */
export interface Selection {
  readonly mapping?: string
  readonly codes?: readonly string[]
  /** Source keys, as `drover quarantine list` shows them. */
  readonly keys?: readonly string[]
}
