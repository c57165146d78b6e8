/** What the tables of one page may take, in bytes: a browser opens that at once, whatever the run holds. */
export const pageBytes = 600_000
