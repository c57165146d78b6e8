import { qualifiedName } from '../catalog/catalog.ts'
import { compile } from '../sql/compile.ts'
import { tableNode } from '../sql/nodes.ts'
import { overlaid } from './overlay.ts'
import { ledgerSchema, type Plan } from './plan.ts'

/** A statement of the plan as it is carried out while only the named tables, as `schema.name`, have rows that were fixed. */
export type DirectStatement = (statement: string, fixed: ReadonlySet<string>) => string

const overlay = compile(tableNode({ schema: ledgerSchema, name: 'overlay' }))

/**
 * Reads tables without fixes as they stand: what reads them through `drover.overlay` gives the same rows, and costs some
 * hundredths of a chunk. Rows that nothing can be read again by, as those of views, stay as the plan has them.
 */
export function directStatements({ migration, catalog, mappings }: Plan): DirectStatement {
  const context = { migration, catalog, targets: new Set(mappings.map(({ target }) => target)), hasLedger: true }
  const texts = catalog.tables.flatMap((table) =>
    [true, false].flatMap((place) => {
      const relation = overlaid(table, context, { place, unfixed: null })
      if (relation === null) return []
      const text = compile(relation.toOperationNode())
      return [{ name: qualifiedName(table), text, plain: compile(tableNode(table)) }]
    }),
  )
  const known = new Map<string, string>()
  return (statement, fixed) => {
    if (!statement.includes(overlay)) return statement
    const key = `${[...fixed].sort().join(' ')} ${statement}`
    const made = known.get(key)
    if (made !== undefined) return made
    const direct = texts
      .filter(({ name }) => !fixed.has(name))
      .reduce((all, { text, plain }) => all.replaceAll(text, plain), statement)
    known.set(key, direct)
    return direct
  }
}
