/** What a JSON Schema says, as far as the report's schema uses it. */
interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly items?: Schema
  readonly maxItems?: number
  readonly pattern?: string
}

const annotations = ['$schema', '$id', 'title', 'description']
const keywords = [
  ...annotations,
  ...['$ref', '$defs', 'anyOf', 'const', 'enum', 'type', 'properties', 'required', 'additionalProperties'],
  ...['items', 'maxItems', 'pattern'],
]

/** Where a value departs from a schema: one line a departure, none where it conforms. */
export function departures(value: unknown, schema: Schema, root: Schema = schema, at = '$'): readonly string[] {
  const unknown = Object.keys(schema).filter((keyword) => !keywords.includes(keyword))
  // A keyword that is not looked at would be a rule that nothing breaks.
  if (unknown.length > 0) throw new Error(`${at}: this check does not know ${unknown.join(', ')}`)
  if (schema.$ref !== undefined) {
    return departures(value, root.$defs![schema.$ref.replace('#/$defs/', '')]!, root, at)
  }
  if (schema.anyOf !== undefined) {
    const all = schema.anyOf.map((option) => departures(value, option, root, at))
    return all.some((found) => found.length === 0) ? [] : all.flat()
  }
  if ('const' in schema && value !== schema.const) return [`${at} is not ${JSON.stringify(schema.const)}`]
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at} is none of ${schema.enum.join(', ')}`]
  const isOfType = typeOf(value) === schema.type || (schema.type === 'number' && typeof value === 'number')
  if (schema.type !== undefined && !isOfType) return [`${at} is no ${schema.type}`]
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value as string)) {
    return [`${at} does not match ${schema.pattern}`]
  }
  if (schema.type === 'array') return departuresOfItems(value as readonly unknown[], schema, root, at)
  if (schema.type === 'object') return departuresOfProperties(value as Record<string, unknown>, schema, root, at)
  return []
}

function departuresOfItems(values: readonly unknown[], schema: Schema, root: Schema, at: string): readonly string[] {
  return [
    ...(values.length > (schema.maxItems ?? Number.POSITIVE_INFINITY) ? [`${at} has too many items`] : []),
    ...values.flatMap((value, i) => departures(value, schema.items ?? {}, root, `${at}[${i}]`)),
  ]
}

function departuresOfProperties(
  value: Readonly<Record<string, unknown>>,
  schema: Schema,
  root: Schema,
  at: string,
): readonly string[] {
  const properties = schema.properties ?? {}
  const missing = (schema.required ?? []).filter((name) => !(name in value))
  const further = Object.keys(value).filter((name) => !(name in properties))
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...(schema.additionalProperties === false ? further.map((name) => `${at}.${name} is not expected`) : []),
    ...Object.keys(value)
      .filter((name) => name in properties)
      .flatMap((name) => departures(value[name], properties[name]!, root, `${at}.${name}`)),
  ]
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
