/** What may become of a source row, in the order in which it is shown. */
export const dispositions = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const
