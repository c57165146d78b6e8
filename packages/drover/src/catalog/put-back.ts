import type { Catalog } from './catalog.ts'
import type { Table } from './table.ts'

/** Something that was taken off a table, by its name: an index, a constraint, or both. */
export interface OffObject {
  readonly schema: string
  readonly table: string
  readonly name: string
}

/** A catalog as if nothing were off: what is missing of `off` is taken from the catalog as it was before. */
export function putBack(now: Catalog, was: Catalog, off: readonly OffObject[]): Catalog {
  if (off.length === 0) return now
  // As the server names them, but for quotes.
  const keys = new Set(
    was.tables.flatMap((table) =>
      table.constraints
        .filter(({ kind, name }) => kind === 'foreign' && isOff(table, name, off))
        .map(({ name }) => `foreign key ${name} on ${table.schema}.${table.name}`),
    ),
  )
  return {
    ...now,
    tables: now.tables.map((table) => {
      const before = was.tables.find(({ schema, name }) => schema === table.schema && name === table.name)
      return before === undefined ? table : whole(table, before, off, keys)
    }),
  }
}

/** What is off may be half-way back: an index without its constraint, a foreign key that is not valid. */
function whole(now: Table, was: Table, off: readonly OffObject[], keys: ReadonlySet<string>): Table {
  const merged = <T extends { readonly name: string }>(before: readonly T[], after: readonly T[]) =>
    [
      ...before.filter(({ name }) => isOff(was, name, off)),
      ...after.filter(({ name }) => !isOff(was, name, off)),
    ].toSorted(byName)
  const constraints = merged(was.constraints, now.constraints)
  const primary = constraints.find(({ kind }) => kind === 'primary')
  return {
    ...now,
    ...(primary === undefined ? {} : { primaryKey: primary.columns }),
    constraints,
    indexes: merged(was.indexes, now.indexes).map((index) => {
      const before = was.indexes.find(({ name }) => name === index.name)?.requiredBy ?? []
      const requiredBy = [
        ...new Set([...index.requiredBy, ...before.filter((name) => keys.has(name.replaceAll('"', '')))]),
      ].sort()
      return { ...index, requiredBy }
    }),
  }
}

function isOff(table: Table, name: string, off: readonly OffObject[]): boolean {
  return off.some((each) => each.schema === table.schema && each.table === table.name && each.name === name)
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
