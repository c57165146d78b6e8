import { sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { expressionOf, type QualifiedName, tableNode } from '../sql/nodes.ts'
import type { Shapes, SourceType, TypeUse } from './shape.ts'

/** How a type of the source is called in the target; null where the target does not have it and drover cannot make it. */
export type NameOfType = (type: SourceType) => QualifiedName | null

/** Types whose values are OIDs of objects: those of another server mean nothing, their texts do. */
const namesObjects = /^reg[a-z]+(\[\])?$/

/**
 * A type as SQL for a column of the target. A domain is the type under it: its checks are the source's affair, and what it
 * holds passes them or not, it is to land.
 */
export function typeText(use: TypeUse, types: Shapes['types'], nameOf: NameOfType): string {
  const type = types.get(use.type)!
  if (type.kind === 'domain') return typeText(type.under!, types, nameOf)
  const element = type.kind === 'array' ? types.get(type.under!.type)! : type
  if (type.kind === 'array' && element.kind === 'domain') {
    // An array of such an array does not exist: dimensions are no part of a type.
    return `${typeText(element.under!, types, nameOf).replace(/\[\]$/, '')}[]`
  }
  if (element.schema === 'pg_catalog') return namesObjects.test(use.text) ? use.text.replace(/^\w+/, 'text') : use.text
  const name = compile(tableNode(nameOf(element) ?? element))
  // Of an array the modifiers stand within its text; without them it takes all that one with them holds.
  return type.kind === 'array' ? `${name}[]` : `${name}${use.modifier}`
}

/**
 * Whether values of a type go over in binary: those of types that every server has under the same OID, in a form that no
 * version has changed, and enums, which go as their labels. Arrays and composites carry the OIDs of what they are made of.
 */
export function goesInBinary(use: TypeUse, types: Shapes['types']): boolean {
  const type = types.get(use.type)!
  switch (type.kind) {
    case 'domain':
      return goesInBinary(type.under!, types)
    case 'enum':
      return true
    case 'array': {
      const element = types.get(type.under!.type)!
      return element.kind === 'other' && isBuiltIn(element)
    }
    case 'composite':
      return false
    default:
      return isBuiltIn(type)
  }
}

/** What a value is cast to before the binary forms of both sides are compared; null where its own type will do. */
export function comparedAs(use: TypeUse, types: Shapes['types'], landed: string): string | null {
  const { kind, under } = types.get(use.type)!
  if (kind === 'enum') return 'text'
  return kind === 'domain' ? (comparedAs(under!, types, landed) ?? landed) : null
}

function isBuiltIn({ schema, name, binary }: SourceType): boolean {
  return schema === 'pg_catalog' && binary && !namesObjects.test(name)
}

/** The types that drover makes in the target for these uses, each after what it is made of. */
export function madeTypes(uses: readonly TypeUse[], types: Shapes['types']): readonly SourceType[] {
  const seen = new Set<string>()
  const ordered: SourceType[] = []
  const place = (use: TypeUse): void => {
    if (seen.has(use.type)) return
    seen.add(use.type)
    const type = types.get(use.type)!
    if (type.under !== null) place(type.under)
    for (const field of type.fields) place(field)
    if (type.extension === null && (type.kind === 'enum' || type.kind === 'composite')) ordered.push(type)
  }
  for (const use of uses) place(use)
  return ordered
}

/** The statement that makes an enum or a composite type. */
export function createType(type: SourceType, types: Shapes['types'], nameOf: NameOfType): string {
  const name = expressionOf(tableNode(nameOf(type) ?? type))
  const parts =
    type.kind === 'enum'
      ? sql`enum (${sql.join(type.labels.map((label) => sql.lit(label)))})`
      : sql`(${sql.join(type.fields.map((field) => sql`${sql.id(field.name)} ${sql.raw(typeText(field, types, nameOf))}`))})`
  return compile(sql`create type ${name} as ${parts}`.toOperationNode())
}
