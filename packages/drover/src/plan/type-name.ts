import { nameParts } from '../catalog/catalog.ts'

/** Names that SQL's grammar reads as another type than the catalog means: `bit` is `bit(1)`, `char` is `character(1)`. */
const readOtherwise = new Set(['bit', 'char'])

/**
 * A catalog type name (`varchar`, `int4[]`, `public.clinic_status`) as SQL text for a cast. It carries no modifiers: a
 * cast to `varchar(3)` would cut a text silently, the assignment to the column refuses it.
 */
export function castType(typeName: string): string {
  const suffix = typeName.endsWith('[]') ? '[]' : ''
  const bare = suffix === '' ? typeName : typeName.slice(0, -2)
  if (/^[a-z0-9_]+$/.test(bare)) return quoteWhereNeeded(bare) + suffix
  const parts = nameParts(bare)
  return (parts.length === 1 ? quoteWhereNeeded(bare) : parts.map(quote).join('.')) + suffix
}

/** A type of pg_catalog; all other types are qualified. */
function quoteWhereNeeded(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !readOtherwise.has(name) ? name : quote(name)
}

function quote(part: string): string {
  return `"${part.replaceAll('"', '""')}"`
}
