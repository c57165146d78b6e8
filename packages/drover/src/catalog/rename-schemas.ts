import { type Catalog, elementTypeOf, qualifiedName } from './catalog.ts'

/**
 * The same catalog, its schemas, tables, enums and foreign keys under other names. Domains, sequences and names within SQL
 * stay.
 */
export function renameSchemas(catalog: Catalog, as: ReadonlyMap<string, string>): Catalog {
  const renamed = <T extends { readonly schema: string }>(object: T): T => ({
    ...object,
    schema: as.get(object.schema) ?? object.schema,
  })
  const enums = new Map(catalog.enums.map((type) => [qualifiedName(type), qualifiedName(renamed(type))]))
  const typeName = (name: string) => {
    const element = elementTypeOf(name)
    const other = enums.get(element)
    return other === undefined ? name : `${other}${name.slice(element.length)}`
  }
  return {
    ...catalog,
    schemas: catalog.schemas.map((schema) => as.get(schema) ?? schema),
    enums: catalog.enums.map(renamed),
    tables: catalog.tables.map((table) => ({
      ...renamed(table),
      constraints: table.constraints.map(({ references, ...constraint }) =>
        references === undefined ? constraint : { ...constraint, references: renamed(references) },
      ),
      columns: table.columns.map((column) => ({
        ...column,
        typeName: typeName(column.typeName),
        baseType: typeName(column.baseType),
      })),
    })),
  }
}
