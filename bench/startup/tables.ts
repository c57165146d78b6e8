// The tables that `types/schemas.ts` describes, as SQL: to plan a migration takes a database.
import { parentOf } from '../types/mappings.ts'
import { columns } from '../types/schemas.ts'

/** Makes both schemas in an empty database: `tables` tables of 25 columns each, the targets with their foreign keys. */
export function renderTables(tables: number): string {
  const numbers = Array.from({ length: tables }, (_, i) => i + 1)
  return [
    'create schema legacy;',
    `create type public."State" as enum ('active', 'inactive');`,
    ...numbers.map((n) => renderTable(`legacy.t${n}`, 'text', 'parent_id text', 'source')),
    ...numbers.map((n) => renderTable(`public.t${n}`, 'uuid', parentColumn(n), 'target')),
  ].join('\n')
}

function parentColumn(n: number): string {
  const parent = parentOf(n, 'hubs')
  return parent > 0 ? `parent_id uuid references public.t${parent} (id)` : 'parent_id uuid'
}

function renderTable(name: string, id: string, parent: string, side: 'source' | 'target'): string {
  const lines = columns.map((made) => `${made.column} ${columnType(made[side])}`)
  return `create table ${name} (\n  ${[`id ${id} primary key`, parent, ...lines].join(',\n  ')}\n);`
}

/** The type of a column as `create table` takes it; what stands beside the name in TypeScript are its null and default. */
function columnType(type: string): string {
  const generated = /^Generated<(.+)>$/.exec(type)?.[1]
  if (generated !== undefined) return `${generated} not null default ${generated === 'bool' ? 'false' : 'now()'}`
  const nullable = /^(.+) \| null$/.exec(type)?.[1]
  return nullable ?? `${type === 'State' ? 'public."State"' : type} not null`
}
