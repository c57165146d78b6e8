import { type Catalog, qualifiedName } from '../catalog/catalog.ts'
import { catalogDifferences } from '../catalog/differences.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Table } from '../catalog/table.ts'
import type { Database } from '../db/connection.ts'
import { chooseAlgorithm, printFingerprint, takeFingerprint } from '../ledger/take-fingerprint.ts'
import { compile } from '../sql/compile.ts'
import { tableNode } from '../sql/nodes.ts'

/** All that the schemas of a database hold: rows by fingerprint, definitions, where the sequences stand. */
export interface Snapshot {
  readonly catalog: Catalog
  readonly tables: ReadonlyMap<string, string>
  readonly sequences: ReadonlyMap<string, string>
}

/** Reads every row of the schemas. */
export async function takeSnapshot(db: Database, schemas: readonly string[]): Promise<Snapshot> {
  return db.transaction(
    async (tx) => {
      const algorithm = await chooseAlgorithm(tx)
      const catalog = await readCatalog((text, values) => tx.query(text, values), schemas)
      const tables = new Map<string, string>()
      for (const table of catalog.tables.filter(holdsRows)) {
        const name = qualifiedName(table)
        const taken = await takeFingerprint(tx, table, algorithm, `/* drover rehearsal fingerprint of ${name} */`)
        tables.set(name, printFingerprint(taken))
      }
      const sequences = new Map<string, string>()
      for (const sequence of catalog.sequences) {
        const [row] = await tx.query(`select last_value, is_called from ${compile(tableNode(sequence))}`)
        sequences.set(qualifiedName(sequence), `${row!.last_value} ${row!.is_called}`)
      }
      return { catalog, tables, sequences }
    },
    { name: 'rehearsal', statementTimeoutMs: 0 },
  )
}

/**
 * In what the second snapshot differs from the first, by the name of a table or sequence; of the definitions a sentence
 * each.
 */
export function differencesOf(
  before: Snapshot,
  after: Snapshot,
): { readonly rows: readonly string[]; readonly others: readonly string[] } {
  const changed = (was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>) =>
    [...was].filter(([name, value]) => is.get(name) !== value).map(([name]) => name)
  return {
    rows: changed(before.tables, after.tables),
    others: [
      ...changed(before.sequences, after.sequences).map((name) => `sequence ${name} stands elsewhere`),
      ...catalogDifferences(before.catalog, after.catalog, before.catalog.tables.map(qualifiedName)),
    ],
  }
}

function holdsRows({ kind, partitionOf }: Table): boolean {
  return (kind === 'table' || kind === 'partitioned') && partitionOf === null
}
