import { qualifiedName, type Table } from '../catalog/catalog.ts'
import { renderPropertyKey, renderString } from '../catalog/identifiers.ts'
import { columnOf, listOf } from './code.ts'
import { zoneName } from './convert.ts'
import type { Draft, DraftedColumn, DraftedMapping } from './draft.ts'
import { keyColumnOf } from './references.ts'

/** What a drafted migration file says beside its mappings. */
export interface RenderOptions {
  /** The name of the migration. */
  readonly name: string
  /** The one "now" of the migration, in ISO 8601. */
  readonly cutover: string
  /** The interfaces of the two schemas, and the files that export them. */
  readonly from: TypesModule
  readonly to: TypesModule
}

/** The file that holds the types of a schema. */
export interface TypesModule {
  readonly interfaceName: string
  /** As it is imported: `./legacy.types.ts`. */
  readonly file: string
}

/** The draft as a migration file. What is undecided does not compile, and stands below a comment with the choices. */
export function renderMigration(draft: Draft, { name, cutover, from, to }: RenderOptions): string {
  const bodies = draft.mappings.map(renderMapping)
  const uses = bodies.flatMap((body) => body.uses)
  const needsZone = uses.includes(zoneName)
  const isOpen = needsZone || uses.includes('undecided')
  const imports = new Set(['defineMigration', ...(needsZone ? ['undecided'] : []), ...uses])
  imports.delete(zoneName)
  const modules = [from, to].sort((a, b) => (a.file < b.file ? -1 : 1))
  const lines = [
    renderImport([...imports]),
    ...modules.map((module) => `import type { ${module.interfaceName} } from ${renderString(module.file)}`),
    '',
    '// Drafted by `drover init` from names, types and foreign keys. Read every line: it knows nothing of the rows.',
    ...(isOpen ? ['// What stands as undecided(…) does not compile until your decision is in its place.'] : []),
    '',
    `const m = defineMigration<${from.interfaceName}, ${to.interfaceName}>({ name: ${renderString(name)}, cutover: ${renderString(cutover)} })`,
    '',
    ...(needsZone
      ? [
          "// The clocks by which times without a zone were written: 'UTC', 'Europe/Berlin', 'America/Chicago', …",
          `const ${zoneName}: string = undecided('By which clocks were times without a zone written?')`,
          '',
        ]
      : []),
    ...bodies.flatMap(({ text }) => [text, '']),
    ...renderRest('No mapping fills these tables of the target:', draft.unfilled),
    ...renderRest('No mapping reads these tables of the source:', draft.unread),
    `export default m.migration([${draft.mappings.map(({ constant }) => constant).join(', ')}])`,
    '',
  ]
  return lines.join('\n')
}

function renderImport(names: readonly string[]): string {
  const bare = (name: string) => name.replace(/^type /, '')
  const sorted = [...names].sort((a, b) => bare(a).localeCompare(bare(b), 'en'))
  const line = `import { ${sorted.join(', ')} } from 'drover'`
  return line.length <= 100 ? line : `import {\n${sorted.map((name) => `  ${name},\n`).join('')}} from 'drover'`
}

function renderRest(title: string, tables: readonly Table[]): readonly string[] {
  return tables.length === 0 ? [] : [`// ${title} ${tables.map(qualifiedName).join(', ')}.`, '']
}

interface Rendered {
  readonly text: string
  /** Names that it needs of `drover`. */
  readonly uses: readonly string[]
}

function renderMapping(mapping: DraftedMapping): Rendered {
  const { source, target, name, constant, alias, dropped } = mapping
  const key = renderKey(mapping)
  const targetKey = keyColumnOf(target)
  const columns = mapping.columns.map(renderColumn)
  const left = (to: 'default' | 'null') =>
    mapping.columns.filter(({ value }) => value.kind === 'left' && value.to === to).map(({ column }) => column.name)
  const lines = [
    `const ${constant} = m.map(${renderString(name)}, {`,
    `  from: (db) => db.selectFrom(${renderString(`${qualifiedName(source)} as ${alias}`)}),`,
    ...key.text,
    `  to: ${renderString(qualifiedName(target))},`,
    ...(targetKey === undefined || targetKey === 'id' ? [] : [`  targetKey: ${renderString(targetKey)},`]),
    `  columns: ({ ${alias} }) => ({`,
    ...columns.flatMap(({ text }) => (text === '' ? [] : [text])),
    ...renderLeft('Left to their defaults', left('default')),
    ...renderLeft('Null in every row', left('null')),
    '  }),',
    ...(dropped.length === 0
      ? []
      : [
          `  // No column of ${qualifiedName(target)} takes these: they stay behind.`,
          `  dropped: [${dropped.map(renderString).join(', ')}],`,
        ]),
    '})',
  ]
  return { text: lines.join('\n'), uses: [...key.uses, ...columns.flatMap(({ uses }) => uses)] }
}

function renderLeft(title: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`    // ${title}: ${names.join(', ')}.`]
}

function renderKey({ source, alias }: DraftedMapping): { text: readonly string[]; uses: readonly string[] } {
  const columns = (source.primaryKey ?? []).map((column) => columnOf(alias, column))
  const [only, ...others] = columns
  if (only === undefined) {
    const question = `What identifies a row of ${qualifiedName(source)}? It has no primary key.`
    const line = `  key: () => undecided(${renderString(question)}),`
    return { text: ['  // Columns that are unique and never null.', line], uses: ['undecided'] }
  }
  return { text: [`  key: ({ ${alias} }) => ${others.length === 0 ? only.text : listOf(columns).text},`], uses: [] }
}

function renderColumn({ column, value }: DraftedColumn): Rendered {
  const name = renderPropertyKey(column.name)
  switch (value.kind) {
    case 'left':
      return { text: '', uses: [] }
    case 'expression':
      return { text: `    ${name}: ${value.code.text},`, uses: value.code.uses }
    case 'undecided': {
      const choices = value.choices.map(({ text }) => `    //   ${text}`)
      const line = `    ${name}: undecided(${renderString(value.question)}),`
      return { text: [`    // ${value.question} Choices:`, ...choices, line].join('\n'), uses: ['undecided'] }
    }
  }
}
