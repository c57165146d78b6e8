import type { Column } from '../catalog/table.ts'

/** Types that the server makes any other type into on assignment: those of its string category. */
const strings: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name'])

const numbers = ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']

/**
 * The casts of PostgreSQL's `pg_cast` that are implicit or made on assignment, by the type they start from, but for those
 * into a string type. A test compares them with the server.
 */
const castsFrom: Readonly<Record<string, readonly string[]>> = {
  bool: [],
  int2: [...numbers, 'oid'],
  int4: [...numbers, 'oid', 'money'],
  int8: [...numbers, 'oid', 'money'],
  float4: numbers,
  float8: numbers,
  numeric: [...numbers, 'money'],
  money: ['numeric'],
  oid: ['int4', 'int8'],
  text: ['char'],
  varchar: ['char'],
  bpchar: ['char'],
  name: [],
  char: [],
  date: ['timestamp', 'timestamptz'],
  time: ['interval', 'timetz'],
  timetz: ['time'],
  timestamp: ['date', 'time', 'timestamptz'],
  timestamptz: ['date', 'time', 'timestamp', 'timetz'],
  interval: ['time'],
  json: ['jsonb'],
  jsonb: ['json'],
  inet: ['cidr'],
  cidr: ['inet'],
  macaddr: [],
  uuid: [],
  bytea: [],
  xml: [],
}

type Typed = Pick<Column, 'baseType' | 'kind'>

/**
 * Whether a value of one column becomes one of the other on assignment. Undefined where the catalog does not tell: types
 * of extensions, composites, ranges, arrays.
 */
export function isAssignable(from: Typed, to: Typed): boolean | undefined {
  if (from.baseType === to.baseType) return true
  if (!isKnown(from) || !isKnown(to)) return undefined
  return strings.has(to.baseType) || castsFrom[from.baseType]?.includes(to.baseType) === true
}

function isKnown({ baseType, kind }: Typed): boolean {
  return kind === 'enum' || Object.hasOwn(castsFrom, baseType)
}
