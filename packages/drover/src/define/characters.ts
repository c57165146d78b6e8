import { type Expression, type RawBuilder, sql } from 'kysely'
import type { text } from './sql-types.ts'

/**
 * Unicode's White_Space property, code point by code point, and the invisible characters that mean the same in practice:
 * zero-width space, word joiner, byte order mark. Listed because `\s` depends on the server's locale.
 * Source: Unicode 16, PropList.txt.
 */
const spaceCodePoints = [
  '0009-000D',
  '0020',
  '0085',
  '00A0',
  '1680',
  '2000-200B',
  '2028',
  '2029',
  '202F',
  '205F',
  '2060',
  '3000',
  'FEFF',
] as const

/**
 * What leaves no mark on paper: the control characters that are not white space, and Unicode's property
 * Default_Ignorable_Code_Point: zero-width characters, bidirectional controls, soft hyphens, variation selectors, tags,
 * blank fillers. Source: Unicode 16, DerivedCoreProperties.txt.
 */
const invisibleCodePoints = [
  '0001-0008',
  '000E-001F',
  '007F-0084',
  '0086-009F',
  '00AD',
  '034F',
  '061C',
  '115F-1160',
  '17B4-17B5',
  '180B-180F',
  '200B-200F',
  '202A-202E',
  '2060-206F',
  '3164',
  'FE00-FE0F',
  'FEFF',
  'FFA0',
  'FFF0-FFF8',
  '1BCA0-1BCA3',
  '1D173-1D17A',
  'E0000-E0FFF',
] as const

/** A bracket expression for PostgreSQL's regular expressions that matches one blank of {@link spaceCodePoints}. */
export const spacePattern: string = bracketExpression(spaceCodePoints)

/** A bracket expression that matches one character of {@link invisibleCodePoints}. */
export const invisiblePattern: string = bracketExpression(invisibleCodePoints)

/** Without blanks of {@link spaceCodePoints} at the ends; JavaScript's own `trim` knows fewer. */
export function trimSpace(text: string): string {
  return text.replace(new RegExp(`^${spacePattern}+|${spacePattern}+$`, 'g'), '')
}

/** The blanks as a `U&''` literal, for `btrim` and `translate`. */
export const spaceLiteral: RawBuilder<text> = sql.raw(
  `U&'${spaceCodePoints
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map((point) => Number.parseInt(point, 16)) as [number, number?]
      return Array.from({ length: last - first + 1 }, (_, i) => `\\${(first + i).toString(16).padStart(4, '0')}`)
    })
    .join('')}'`,
)

/**
 * Characters beyond ASCII as regular expressions name them. A statement that holds one of them as it is takes twice the room
 * in V8, and a plan holds most statements of a table in several others.
 */
export function escapedPattern(pattern: string): string {
  return pattern.replace(/[\u0080-\uffff]/g, (character) => `\\u${codePoint(character)}`)
}

/** The same for a text, as a `U&''` literal. */
export function escapedLiteral(text: string): RawBuilder<text> {
  const escaped = text.replace(/['\\]/g, '$&$&').replace(/[\u0080-\uffff]/g, (character) => `\\${codePoint(character)}`)
  return sql.raw(`U&'${escaped}'`)
}

function codePoint(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0')
}

/**
 * The text as regular expressions can take it: they refuse a column whose collation is not deterministic, and see the blanks
 * that fill up a `char(n)` and belong to no value.
 */
export function inDefaultCollation(x: Expression<unknown>): RawBuilder<text> {
  return sql<text>`((${x})::text collate "default")`
}

/** A text without blanks around it and in lower case, as {@link lowerTrimmedSql} makes it. */
export function lowerTrimmed(text: string): string {
  return trimSpace(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** The same on the server: in the collation C only ASCII letters have a lower case, whatever the column's own is. */
export function lowerTrimmedSql(x: Expression<unknown>): RawBuilder<text> {
  return sql<text>`lower(btrim((${x})::text, ${spaceLiteral}) collate "C")`
}

function bracketExpression(ranges: readonly string[]): string {
  const escaped = (point: string) => (point.length === 4 ? `\\u${point}` : `\\U${point.padStart(8, '0')}`)
  return `[${ranges.map((range) => range.split('-').map(escaped).join('-')).join('')}]`
}
