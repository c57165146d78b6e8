/** The longest that a statement may take that counts rows, in milliseconds: it reads a whole table. */
export const longestCountMs = 6 * 3_600_000
