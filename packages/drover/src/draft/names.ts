import type { Table } from '../catalog/catalog.ts'
import { sqlTypes } from '../catalog/type-names.ts'
import type { MatchedTables } from './draft.ts'
import type { Match } from './pairs.ts'

/** Names that a constant of a migration cannot have, or that its file has already. */
const taken: ReadonlySet<string> = new Set([
  ...'m zone sql new default class delete enum export function import in package private public return static'.split(
    ' ',
  ),
  ...'switch this typeof var void with interface constant decimal instant integer narrow ref required'.split(' '),
  ...sqlTypes,
])
/** Gives each pair of tables the name of its mapping, after the target table, and the names that the file uses for it. */
export function nameMappings(matches: readonly Match<Table, Table>[]): readonly MatchedTables[] {
  const names = new Set<string>()
  return matches.map(({ source, target, confidence }) => {
    const plain = target.name.replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
    const name = names.has(plain) ? `${target.schema}_${plain}` : plain
    names.add(name)
    return { source, target, confidence, name, constant: constantOf(name), alias: aliasOf(source) }
  })
}

function constantOf(name: string): string {
  const camel = name.replace(/^[^\p{L}]+/u, '').replaceAll(/_+([\p{L}\p{N}])/gu, (_, letter) => letter.toUpperCase())
  const lower = camel.charAt(0).toLowerCase() + camel.slice(1)
  return taken.has(lower) ? `${lower}Rows` : lower
}

function aliasOf({ name }: Table): string {
  const letter = /\p{L}/u.exec(name.replace(/^tbl_?/i, ''))?.[0]?.toLowerCase() ?? 't'
  // `m` is the migration.
  return letter === 'm' ? 't' : letter
}
