import { expect } from 'vitest'
import {
  type Catalog,
  type Column,
  type Constraint,
  findTable,
  type Index,
  type Table,
  type Trigger,
} from '../../src/catalog/catalog.ts'
import { readCatalog } from '../../src/catalog/read.ts'
import { openDatabase } from './database.ts'
import { nastySchema } from './nasty-schema.ts'

/** The schemas of the nasty schema that the tests read; one does not exist, and `shared` is left out. */
export const nastySchemas = ['legacy', 'absent', 'Odd.Schema']

/** The catalog of the nasty schema with its parts by name; what is asked for must exist. */
export interface NastyCatalog {
  readonly catalog: Catalog
  /** The same, read once more. */
  readonly again: Catalog
  /** The same, read through a driver that parses no type. */
  readonly asText: Catalog
  readonly queries: number
}

export async function readNastyCatalog(serverMajor: number): Promise<NastyCatalog> {
  const database = await openDatabase(serverMajor)
  try {
    const statements = nastySchema(serverMajor)
    for (const statement of statements.slice(0, -1)) await database.execute(statement)
    await expect(database.execute(statements.at(-1)!)).rejects.toThrow()
    let queries = 0
    const catalog = await readCatalog((text, values) => {
      queries += 1
      return database.query(text, values)
    }, nastySchemas)
    const again = await readCatalog(database.query, nastySchemas)
    const asText = await readCatalog(database.queryText, nastySchemas)
    return { catalog, again, asText, queries }
  } finally {
    await database.close()
  }
}

/** A table by qualified name. */
export function tableOf(catalog: Catalog, name: string): Table {
  const table = findTable(catalog, name)
  expect(table, name).toBeDefined()
  return table!
}

export const columnOf = (catalog: Catalog, table: string, name: string): Column =>
  named(tableOf(catalog, table).columns, name)

export const constraintOf = (catalog: Catalog, table: string, name: string): Constraint =>
  named(tableOf(catalog, table).constraints, name)

export const indexOf = (catalog: Catalog, table: string, name: string): Index =>
  named(tableOf(catalog, table).indexes, name)

export const triggerOf = (catalog: Catalog, table: string, name: string): Trigger =>
  named(tableOf(catalog, table).triggers, name)

function named<T extends { readonly name: string }>(parts: readonly T[], name: string): T {
  const part = parts.find((candidate) => candidate.name === name)
  expect(part, name).toBeDefined()
  return part!
}
