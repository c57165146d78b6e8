import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import type { QualifiedName } from '../sql/nodes.ts'
import type { Renames } from './selection.ts'
import type { Shapes, SourceType } from './shape.ts'
import type { Naming } from './table.ts'
import { madeTypes } from './type-text.ts'

/** How the types of the source are called in the target, and what stands in the way of their landing there. */
export interface TargetNaming extends Naming {
  /** Types that have to be made, each after what it is made of. */
  readonly toMake: readonly SourceType[]
  /** A sentence for each type that cannot be had. */
  readonly refusals: readonly string[]
  /** A sentence for each collation that the target does not have. */
  readonly notes: readonly string[]
}

/** Looks for the types and collations of tables in the target. A type of an extension is found by it, wherever it lies. */
export async function readNaming(tx: Queryable, shapes: Shapes, as: Renames): Promise<TargetNaming> {
  const renamed = ({ schema, name }: QualifiedName) => ({ schema: as.get(schema) ?? schema, name })
  const types = [...shapes.types.values()].filter(
    ({ kind, schema }) => kind !== 'array' && kind !== 'domain' && schema !== 'pg_catalog',
  )
  const found = await findTypes(tx, types, renamed)
  const nameOf = (type: SourceType) => (type.extension === null ? renamed(type) : (found.get(type.oid)?.name ?? null))
  const collations = await findCollations(tx, shapes, renamed)
  const uses = shapes.tables.flatMap(({ columns }) => columns)
  return {
    nameOf,
    collationOf: (collation) => collations.get(qualifiedName(collation)) ?? null,
    toMake: madeTypes(uses, shapes.types).filter(({ oid }) => !found.has(oid)),
    refusals: types.flatMap((type) => refusalOf(type, renamed(type), found.get(type.oid))),
    notes: [...collations]
      .filter(([, here]) => here === null)
      .map(([name]) => `There is no collation ${name} here: columns that had it have that of the database.`),
  }
}

interface FoundType {
  readonly name: QualifiedName
  readonly labels: readonly string[]
}

function refusalOf(type: SourceType, here: QualifiedName, found: FoundType | undefined): readonly string[] {
  const { kind, extension, labels } = type
  if (found === undefined) {
    if (extension !== null)
      return [`the type ${type.name} needs the extension ${extension}: create extension ${extension}`]
    return kind === 'other' ? [`the type ${qualifiedName(here)} has to be made by whoever made it at the source`] : []
  }
  const isOther = kind === 'enum' && labels.join('\n') !== found.labels.join('\n')
  return isOther ? [`the enum ${qualifiedName(here)} has other values here than at the source`] : []
}

async function findTypes(
  tx: Queryable,
  types: readonly SourceType[],
  renamed: (name: QualifiedName) => QualifiedName,
): Promise<ReadonlyMap<string, FoundType>> {
  const names = types.map(renamed)
  const rows = await tx.query(
    `select asked.oid, n.nspname as schema, t.typname as name, coalesce((
    select json_agg(l.enumlabel order by l.enumsortorder) from pg_enum l where l.enumtypid = t.oid
  ), '[]')::text as labels
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as asked (oid, schema, name, extension)
join pg_type t on t.typname = asked.name
join pg_namespace n on n.oid = t.typnamespace
where case
  when asked.extension is null then n.nspname = asked.schema
  else exists (
    select
    from pg_depend d
    join pg_extension x on x.oid = d.refobjid
    where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e' and x.extname = asked.extension
  )
end`,
    [
      types.map(({ oid }) => oid),
      names.map(({ schema }) => schema),
      names.map(({ name }) => name),
      types.map(({ extension }) => extension),
    ],
  )
  return new Map(
    rows.map((row) => [
      row.oid as string,
      { name: { schema: row.schema as string, name: row.name as string }, labels: JSON.parse(row.labels as string) },
    ]),
  )
}

/** By their name at the source; null where the target has none of it. */
async function findCollations(
  tx: Queryable,
  { tables, types }: Shapes,
  renamed: (name: QualifiedName) => QualifiedName,
): Promise<ReadonlyMap<string, QualifiedName | null>> {
  const used = [
    ...tables.flatMap(({ columns }) => columns),
    ...[...types.values()].flatMap(({ fields }) => fields),
  ].flatMap(({ collation }) => collation ?? [])
  const distinct = new Map(used.map((collation) => [qualifiedName(collation), renamed(collation)]))
  const names = [...distinct.values()]
  const rows = await tx.query(
    `select exists (
  select
  from pg_collation o
  join pg_namespace n on n.oid = o.collnamespace
  where n.nspname = asked.schema
    and o.collname = asked.name
    and o.collencoding in (-1, (select d.encoding from pg_database d where d.datname = current_database()))
) as found
from unnest($1::text[], $2::text[]) with ordinality as asked (schema, name, position)
order by asked.position`,
    [names.map(({ schema }) => schema), names.map(({ name }) => name)],
  )
  return new Map([...distinct].map(([name, here], i) => [name, rows[i]?.found ? here : null]))
}
