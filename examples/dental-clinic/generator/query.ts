/** Runs one statement and returns its rows; all statements of a generation must see each other's effects. */
export type Query = (sql: string) => Promise<readonly Record<string, unknown>[]>
