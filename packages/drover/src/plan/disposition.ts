/** What may become of a source row (I2), in the order in which it is counted and shown. */
export const dispositions = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const

/** What became of a source row. */
export type Disposition = (typeof dispositions)[number]
