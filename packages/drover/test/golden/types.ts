import type { Catalog } from '../../src/catalog/catalog.ts'
import { renderTypes } from '../../src/catalog/types.ts'

/** The types of each schema, as `drover types --schema legacy --interface Legacy --out legacy.types.ts` writes them. */
export function printTypes(catalog: Catalog) {
  return catalog.schemas.map((schema) => {
    const interfaceName = schema[0]!.toUpperCase() + schema.slice(1)
    return { file: `${schema}.types.ts`, text: renderTypes(catalog, { interfaceName, schemas: [schema] }) }
  })
}
