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
    const name = [target.name, `${target.schema}_${target.name}`, ...numbered(target.name)]
      .map(mappingName)
      .find((each) => !names.has(each))!
    names.add(name)
    return { source, target, confidence, name, constant: constantOf(name), alias: aliasOf(source) }
  })
}

function* numbered(name: string): Iterable<string> {
  for (let number = 2; number < 1000; number++) yield `${name.slice(0, 40)}_${number}`
}

/** A mapping's name is made of lower-case letters, digits and underscores, and has at most 45 of them. */
function mappingName(name: string): string {
  const words = name
    .replaceAll(/(?<=[a-z\d])[A-Z]/g, '_$&')
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '_')
    .replaceAll(/^[_\d]+|_+$/g, '')
  return words.slice(0, 45) || 'rows'
}

function constantOf(name: string): string {
  const camel = name.replaceAll(/_([a-z\d])/g, (_, letter) => letter.toUpperCase())
  return taken.has(camel) ? `${camel}Rows` : camel
}

function aliasOf({ name }: Table): string {
  const letter = /\p{L}/u.exec(name.replace(/^tbl_?/i, ''))?.[0]?.toLowerCase() ?? 't'
  // `m` is the migration.
  return letter === 'm' ? 't' : letter
}
