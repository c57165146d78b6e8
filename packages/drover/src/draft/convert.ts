import type { Catalog, Column } from '../catalog/catalog.ts'
import { qualifiedName } from '../catalog/catalog.ts'
import { renderString } from '../catalog/identifiers.ts'
import { exportedTypeName } from '../catalog/type-names.ts'
import { type Code, call, sqlOf } from './code.ts'

/** How a value of a source column becomes one of a target column. */
export interface Conversion {
  /** Wraps the expression of the source column. */
  readonly make: (x: Code) => Code
  /** In a few words, for people: `instant`, `same type`. */
  readonly how: string
  /** Whether a value can be wrong, so that somebody decides what becomes of it. */
  readonly fails: boolean
  /** How probable it is that a column of this type becomes one of that, from 0 to 1. */
  readonly ease: number
}

/** The name under which a drafted migration keeps the zone of times that have none. */
export const zoneName = 'zone'

/** How `source` becomes `target`; undefined where only a person can say. Nulls are none of its business. */
export function conversionOf(source: Column, target: Column, catalog: Catalog): Conversion | undefined {
  const labels = catalog.enums.find((type) => qualifiedName(type) === target.baseType)?.values
  if (labels !== undefined) return toEnum(source, labels)
  const [from, to] = [familyOf(source), familyOf(target)]
  if (from === to) return withinFamily(source, target)
  return conversions[from]?.[to]?.(source, target)
}

type Family = string

const families: Readonly<Record<string, Family>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  citext: 'text',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'numeric',
  float4: 'float',
  float8: 'float',
}

/** Types that hold the same; any other type is one of its own. */
function familyOf({ baseType, kind }: Column): Family {
  if (kind === 'enum') return 'enum'
  const name = exportedTypeName(baseType) ?? baseType
  return families[name] ?? name
}

const same: Conversion = { make: (x) => x, how: 'same type', fails: false, ease: 1 }

function cast(type: string, ease = 0.97): Conversion {
  return { make: (x) => sqlOf(type, x, `::${type}`), how: 'cast', fails: false, ease }
}

/** A helper that can fail. */
function read(helper: string, how: string, args: readonly (Code | string)[] = [], ease = 0.93): Conversion {
  return { make: (x) => call(helper, x, ...args), how, fails: true, ease }
}

function withinFamily(source: Column, target: Column): Conversion | undefined {
  const family = familyOf(target)
  if (family === 'text') return shorter(source, target)
  if (family === 'integer' || family === 'numeric') return narrower(source, target)
  return source.kind === 'enum' || source.kind === 'composite' ? undefined : same
}

function shorter(source: Column, target: Column): Conversion {
  const [length] = sizesOf(target)
  const [before = Number.POSITIVE_INFINITY] = sizesOf(source)
  return length === undefined || before <= length ? same : read('atMost', 'limited', [String(length)], 0.97)
}

const widths: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 }

function narrower(source: Column, target: Column): Conversion {
  const [from, to] = [widths[source.baseType], widths[target.baseType]]
  if (from !== undefined && to !== undefined) {
    if (from > to) return read('narrow', 'narrowed', [`'${target.baseType}'`], 0.97)
    // A JavaScript number holds no int8: to the compiler they are two types.
    return to === 8 && from < 8 ? cast('int8') : same
  }
  const [precision, scale] = sizesOf(target)
  if (precision === undefined || source.type === target.type) return same
  return read('narrow', 'narrowed', [`{ precision: ${precision}, scale: ${scale ?? 0} }`], 0.97)
}

/** The numbers in brackets of a declared type: `numeric(8,2)`, `character varying(40)`. */
function sizesOf({ type }: Column): readonly number[] {
  return /\((\d+(?:,\d+)?)\)/.exec(type)?.[1]?.split(',').map(Number) ?? []
}

function toEnum(source: Column, labels: readonly string[]): Conversion | undefined {
  const words = `[${labels.map(renderString).join(', ')}]`
  if (familyOf(source) === 'text' || source.kind === 'enum') return read('oneOf', 'one of its words', [words])
  return undefined
}

type Rule = (source: Column, target: Column) => Conversion

const zone: Code = { text: `{ ${zoneName} }`, uses: [zoneName] }
const yesAndNo =
  '{ t: true, true: true, y: true, yes: true, 1: true, f: false, false: false, n: false, no: false, 0: false }'
const inZone = ({ text, uses }: Code): Code => ({ text, uses: [...uses, zoneName] })
const castTo: Rule = (_, { baseType }) => cast(exportedTypeName(baseType) ?? baseType)

/** What is no text, as one; where the column has a length, it may be too long. */
const toText: Rule = (_, target) => {
  const [length] = sizesOf(target)
  const plain = cast('text')
  if (length === undefined) return plain
  return { make: (x) => call('atMost', plain.make(x), String(length)), how: 'cast, limited', fails: true, ease: 0.9 }
}

/** A number as a decimal; where the column has a size, it may be too large. */
const toNumeric: Rule = (_, target) => {
  const [precision, scale = 0] = sizesOf(target)
  if (precision === undefined) return cast('numeric')
  return read('narrow', 'narrowed', [`{ precision: ${precision}, scale: ${scale} }`])
}

/** From a family to another one. */
const conversions: Readonly<Record<Family, Readonly<Record<Family, Rule>>>> = {
  text: {
    integer: (_, { baseType }) => read('integer', 'number in a text', [`{ type: '${baseType}' }`], 0.9),
    numeric: (_, target) => {
      const [precision, scale] = sizesOf(target)
      const size = precision === undefined ? [] : [`{ precision: ${precision}, scale: ${scale ?? 0} }`]
      return read('decimal', 'number in a text', size, 0.9)
    },
    bool: () => ({
      make: (x) => call('mapValues', call('lowerTrim', x), yesAndNo),
      how: 'yes or no in a text',
      fails: true,
      ease: 0.8,
    }),
    date: () => read('isoDate', 'date in a text', [], 0.85),
    timestamptz: () => read('instantFromText', 'instant in a text', [zone], 0.85),
    jsonb: () => read('parseJson', 'JSON in a text', [], 0.85),
  },
  enum: { text: toText },
  integer: {
    numeric: toNumeric,
    float: castTo,
    text: toText,
    bool: () => ({ make: (x) => sqlOf('bool', x, ' <> 0'), how: 'not zero', fails: false, ease: 0.85 }),
  },
  numeric: {
    integer: (_, { baseType }) => read('narrow', 'narrowed', [`'${baseType}'`], 0.85),
    float: castTo,
    text: toText,
  },
  float: {
    numeric: toNumeric,
    integer: (_, { baseType }) => read('narrow', 'narrowed', [`'${baseType}'`], 0.8),
    text: toText,
  },
  bool: {
    text: toText,
    // int4 alone can be cast from it.
    integer: (_, { baseType }) => ({
      make: (x) => sqlOf(baseType, x, `::int4::${baseType}`),
      how: 'one for yes',
      fails: false,
      ease: 0.8,
    }),
  },
  uuid: { text: toText },
  date: { text: toText, timestamp: castTo },
  timestamp: {
    timestamptz: () => read('instant', 'instant by a zone', [zone], 0.97),
    date: () => cast('date', 0.8),
    text: toText,
  },
  timestamptz: {
    timestamp: () => ({
      make: (x) => inZone(sqlOf('timestamp', x, ` at time zone \${${zoneName}}`)),
      how: 'clock time in a zone',
      fails: false,
      ease: 0.85,
    }),
    date: () => ({
      make: (x) => inZone(sqlOf('date', x, ` at time zone \${${zoneName}})::date`, '(')),
      how: 'day in a zone',
      fails: false,
      ease: 0.8,
    }),
  },
  json: { jsonb: () => read('parseJson', 'JSON', [], 0.97), text: toText },
  jsonb: { text: toText, json: castTo },
}
