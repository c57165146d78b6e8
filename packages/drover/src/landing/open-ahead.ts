import type { Database } from '../db/connection.ts'

/**
 * Opens sessions before they are needed, while there is nothing else to do: once rows are on their way, a new one waits for
 * a processor. Where there are not so many to be had, whoever needs one is told.
 */
export async function openAhead(db: Database, sessions: number): Promise<void> {
  const open = () => db.transaction(async () => {}, { readOnly: true })
  await Promise.allSettled(Array.from({ length: sessions }, open))
}
