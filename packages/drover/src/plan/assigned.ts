import { type RawBuilder, sql } from 'kysely'
import type { DomainType } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { castType } from './type-name.ts'

/** What a column's declared type refuses of a value, beyond the type itself. */
export interface Limit {
  readonly kind: 'length' | 'precision'
  /** Holds for a value that the server refuses. */
  readonly isExceeded: (value: RawBuilder<unknown>) => RawBuilder<unknown>
  /** The value as the column would hold it. */
  readonly assigned: (value: RawBuilder<unknown>) => RawBuilder<unknown>
}

/**
 * The limit that a declared type such as `character varying(40)` or `numeric(12,2)` sets; of a domain that of the types
 * under it. Undefined where it sets none that can be foreseen.
 */
export function limitOf(type: string, domains: readonly DomainType[]): Limit | undefined {
  const domain = domainOf(type, domains)
  if (domain !== undefined) return limitOf(domain.type, domains)
  const text = /^character(?: varying)?\((\d+)\)$/.exec(type)
  if (text) return lengthLimit(Number(text[1]))
  const number = /^numeric\((\d+),(-?\d+)\)$/.exec(type)
  return number ? precisionLimit(Number(number[1]), Number(number[2])) : undefined
}

/** The domain of that printed name. */
export function domainOf(type: string, domains: readonly DomainType[]): DomainType | undefined {
  return domains.find(({ schema, name }) => type === `${schema}.${name}` || type === castType(`${schema}.${name}`))
}

/** Blanks beyond the length are cut off silently, as SQL has it; any other character is refused. */
function lengthLimit(characters: number): Limit {
  return {
    kind: 'length',
    isExceeded: (value) => sql`char_length(rtrim((${value})::text, ' ')) > ${sql.lit(characters)}`,
    assigned: (value) => sql`left((${value})::text, ${sql.lit(characters)})`,
  }
}

/** Rounded to the scale first, then refused if it has too many digits. NaN has a place, infinity has none. */
function precisionLimit(precision: number, scale: number): Limit {
  const bound = sql.raw(`1e${precision - scale}`)
  return {
    kind: 'precision',
    isExceeded: (value) => sql`(${value} <> 'NaN' and abs(round(${value}, ${sql.lit(scale)})) >= ${bound}::numeric)`,
    assigned: (value) => sql`round(${value}, ${sql.lit(scale)})`,
  }
}

/**
 * What an unmapped column of a new row will hold, as SQL: its default, where that says the same at any moment of the run
 * and writes nothing. Undefined where that cannot be told: sequences, random values, functions outside pg_catalog.
 */
export function defaultOf(column: Column): RawBuilder<unknown> | undefined {
  const type = sql.raw(castType(column.baseType))
  if (column.identity !== null || column.generated !== null) return undefined
  if (column.default === null) return sql`null::${type}`
  return isForeseeable(column.default) ? sql`(${sql.raw(column.default)})::${type}` : undefined
}

/** A default is printed with every name outside pg_catalog qualified. */
function isForeseeable(expression: string): boolean {
  const code = withoutTexts(expression)
  return !volatileFunctions.test(code) && !/[.]("[^"]*"|\w+)\(/.test(code.replace(/\bpg_catalog[.]/g, ''))
}

/** A printed expression, every text in it empty. */
export function withoutTexts(expression: string): string {
  return expression.replace(/'(?:[^']|'')*'/g, "''")
}

/** The volatile functions of pg_catalog that give a value: `select proname from pg_proc where provolatile = 'v'`. */
const volatileFunctions =
  /\b(nextval|currval|lastval|setval|random|random_normal|gen_random_uuid|uuidv4|uuidv7|clock_timestamp|timeofday)\(/i
