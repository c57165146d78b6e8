import { columns } from './schemas.ts'

/** A mapping of each table to its like, so many to a file. */
const mappingsPerFile = 10

/**
 * Which mapping each refers to. `hubs`: one of the first ten, as most tables of an application refer to few · `chain`: the
 * one before it, the longest way that there is to the type of the last.
 */
export type References = 'hubs' | 'chain'

const helpers = 'decimal, defineMigration, derivedUuid, instant, oneOf, ref, required, squish, withDefault'

/** A line of a mapping that is wrong: an expression that does not fit its column, or a column that is not there. */
export type Mistake = { readonly column: string; readonly expression: string } | { readonly missing: string }

/** Stands at the end of a line that the compiler must tell of. */
export const mark = '// wrong'

/** The files of the mappings, by name. `mistakes` are planted in the first tables, one in each. */
export function renderMappings(
  tables: number,
  references: References,
  mistakes: readonly Mistake[] = [],
): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (let first = 1; first <= tables; first += mappingsPerFile) {
    const numbers = Array.from({ length: Math.min(mappingsPerFile, tables - first + 1) }, (_, i) => first + i)
    files.set(
      `mappings-${first}.ts`,
      [
        `import { ${helpers} } from 'drover'`,
        `import type { App, Legacy } from './schemas.ts'`,
        ...importsOf(numbers, references),
        `const m = defineMigration<Legacy, App>({ name: 'bench', cutover: '2025-06-01T00:00:00Z' })`,
        ...numbers.map((n) => renderMapping(n, parentOf(n, references), mistakes[n - 1])),
        '',
      ].join('\n'),
    )
  }
  return files
}

/** The number of the table that table `n` refers to; 0 of the first. */
export function parentOf(n: number, references: References): number {
  return references === 'chain' || n <= mappingsPerFile ? n - 1 : 1 + (n % mappingsPerFile)
}

function importsOf(numbers: readonly number[], references: References): readonly string[] {
  const [first] = numbers as [number]
  if (first === 1) return []
  const others = [...new Set(numbers.map((n) => parentOf(n, references)))].filter((n) => n < first)
  const file = references === 'chain' ? first - mappingsPerFile : 1
  return [`import { ${others.map((n) => `t${n}`).join(', ')} } from './mappings-${file}.ts'`]
}

function renderMapping(n: number, parent: number, mistake: Mistake | undefined): string {
  const expressions = new Map([
    ['id', 'derivedUuid(v.id)'],
    ['parent_id', parent > 0 ? `ref(v.parent_id, t${parent}).orNull()` : 'derivedUuid(v.id)'],
    ...columns.map(({ column, expression }) => [column, expression(column)] as const),
  ])
  const isMissing = mistake !== undefined && 'missing' in mistake
  if (isMissing) expressions.delete(mistake.missing)
  else if (mistake !== undefined) expressions.set(mistake.column, mistake.expression)
  const wrong = mistake !== undefined && !isMissing ? mistake.column : undefined
  return [
    `export const t${n} = m.map('t${n}', {`,
    `  from: (db) => db.selectFrom('legacy.t${n} as v'),`,
    `  key: ({ v }) => v.id,`,
    `  to: 'public.t${n}',`,
    ...(parent > 0 ? [] : [`  dropped: ['parent_id'],`]),
    `  columns: ({ v }) => ({${isMissing ? ` ${mark}` : ''}`,
    ...[...expressions].map(([column, text]) => `    ${column}: ${text},${column === wrong ? ` ${mark}` : ''}`),
    '  }),',
    '})',
  ].join('\n')
}
