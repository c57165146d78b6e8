import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Database } from '../db/connection.ts'
import { chooseAlgorithm, printFingerprint, takeFingerprint } from '../ledger/take-fingerprint.ts'
import type { Plan } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'

/** The targets, each with the columns that two runs over the same source must give the same values (I7). */
export function repeatableTargets({ mappings, catalog }: Plan): readonly Table[] {
  const name = (target: string) => qualifiedName(parseName(target))
  const left = new Set<string>()
  for (const mapping of mappings) {
    const table = findTable(catalog, name(mapping.target))!
    const mapped = new Map(mapping.columns.map((column) => [column.name, column]))
    for (const { name: column, default: byDefault, identity } of table.columns) {
      const isMade = mapped.has(column) || mapping.kind === 'evolve' || (byDefault === null && identity === null)
      if (mapped.get(column)?.opaque || !isMade) left.add(`${name(mapping.target)} ${column}`)
    }
  }
  // Whatever refers to a value that differs from run to run differs with it.
  for (let size = -1; size !== left.size; ) {
    size = left.size
    for (const { target, references } of mappings) {
      for (const { column, target: parent, key } of references) {
        if (left.has(`${parent} ${key}`)) left.add(`${name(target)} ${column}`)
      }
    }
  }
  const targets = new Set(mappings.map(({ target }) => name(target)))
  return [...targets].map((target) => {
    const table = findTable(catalog, target)!
    return { ...table, columns: table.columns.filter((column) => !left.has(`${target} ${column.name}`)) }
  })
}

/** The fingerprints of these columns, by table. */
export async function fingerprintsOf(db: Database, targets: readonly Table[]): Promise<ReadonlyMap<string, string>> {
  return db.transaction(
    async (tx) => {
      const algorithm = await chooseAlgorithm(tx)
      const prints = new Map<string, string>()
      for (const table of targets) {
        const taken = await takeFingerprint(tx, table, algorithm, '/* drover rehearsal fingerprint */')
        prints.set(qualifiedName(table), printFingerprint(taken))
      }
      return prints
    },
    { name: 'rehearsal', statementTimeoutMs: 0 },
  )
}
