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
import { databaseWith, serverMajorOf } from './database.ts'
import { nastySchema } from './nasty-schema.ts'

/** The schemas of the nasty schema that the tests read; one does not exist, and `shared` is left out. */
export const nastySchemas = ['legacy', 'absent', 'Odd.Schema']

export interface NastyCatalog {
  readonly catalog: Catalog
  /** The same, read once more. */
  readonly again: Catalog
  readonly serverMajor: number
  /** The rows of each query of the first reading. */
  readonly answers: readonly (readonly Readonly<Record<string, unknown>>[])[]
}

export async function readNastyCatalog(): Promise<NastyCatalog> {
  const database = await databaseWith([])
  const serverMajor = await serverMajorOf(database)
  const statements = nastySchema(serverMajor)
  for (const statement of statements.slice(0, -1)) await database.query(statement)
  await expect(database.query(statements.at(-1)!)).rejects.toThrow()
  const answers: Record<string, unknown>[][] = []
  const catalog = await readCatalog(async (text, values) => {
    const rows = await database.query(text, values)
    answers.push(rows)
    return rows
  }, nastySchemas)
  return { catalog, again: await readCatalog(database.query, nastySchemas), serverMajor, answers }
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
