import { readdir, readFile } from 'node:fs/promises'

const directory = new URL('../ledger/sql/', import.meta.url)

/** The SQL that makes the ledger, one text a version, in order. */
export async function readLedgerSql(): Promise<readonly string[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(files.map((file) => readFile(new URL(file, directory), 'utf8')))
}
