// The types of a source and a target schema, as `drover types` writes them: `tables` tables of 25 columns each.

/** What a column is made from, in turns, so that every table uses most of the language. */
export interface ColumnKind {
  readonly name: string
  readonly source: string
  readonly target: string
  /** The expression in a mapping; `v` is the source's alias. */
  readonly expression: (column: string) => string
}

const kinds: readonly ColumnKind[] = [
  kind('label', 'text | null', 'text', (c) => `required(squish(v.${c})).orQuarantine()`),
  kind('note', 'text | null', 'text | null', (c) => `v.${c}`),
  kind('amount', 'text', 'numeric', (c) => `decimal(v.${c}).orQuarantine()`),
  kind('made', 'timestamp', 'Generated<timestamptz>', (c) => `instant(v.${c}, { zone: 'UTC' }).orQuarantine()`),
  kind('state', 'text', 'State', (c) => `oneOf(v.${c}, ['active', 'inactive']).orElse('inactive')`),
  kind('number', 'int4', 'int4', (c) => `v.${c}`),
  kind('flag', 'bool | null', 'Generated<bool>', (c) => `withDefault(v.${c}, false)`),
  kind('detail', 'jsonb', 'jsonb | null', (c) => `v.${c}`),
]

function kind(name: string, source: string, target: string, expression: ColumnKind['expression']): ColumnKind {
  return { name, source, target, expression }
}

/** The columns of every table beside its id and its parent, by name. */
export const columns: readonly (ColumnKind & { readonly column: string })[] = Array.from({ length: 23 }, (_, i) => {
  const made = kinds[i % kinds.length]!
  return { ...made, column: `${made.name}_${Math.floor(i / kinds.length) + 1}` }
})

export function renderSchemas(tables: number): string {
  const numbers = Array.from({ length: tables }, (_, i) => i + 1)
  const table = (name: string, id: string, parent: string, typeOf: (kind: ColumnKind) => string) =>
    `  '${name}': {\n    id: ${id}\n    parent_id: ${parent} | null\n${columns
      .map((made) => `    ${made.column}: ${typeOf(made)}\n`)
      .join('')}  }\n`
  return [
    `import type { bool, Generated, int4, jsonb, numeric, text, timestamp, timestamptz, uuid } from 'drover'\n`,
    `export type State = 'active' | 'inactive'\n`,
    `export interface Legacy {\n${numbers.map((n) => table(`legacy.t${n}`, 'text', 'text', (made) => made.source)).join('')}}\n`,
    `export interface App {\n${numbers.map((n) => table(`public.t${n}`, 'uuid', 'uuid', (made) => made.target)).join('')}}\n`,
  ].join('\n')
}
