/** The types of PostgreSQL that drover exports under their own name (define/sql-types.ts). */
export const sqlTypes: ReadonlySet<string> = new Set([
  'bool',
  'bpchar',
  'bytea',
  'char',
  'cidr',
  'citext',
  'date',
  'float4',
  'float8',
  'inet',
  'int2',
  'int4',
  'int8',
  'interval',
  'json',
  'jsonb',
  'macaddr',
  'name',
  'numeric',
  'oid',
  'text',
  'time',
  'timestamp',
  'timestamptz',
  'timetz',
  'tsvector',
  'uuid',
  'varchar',
  'xml',
])

/** Types that drover exports under another name, because theirs means something else in TypeScript code. */
export const renamedSqlTypes: ReadonlyMap<string, string> = new Map([['money', 'money_']])

/** The name that drover exports for a type of pg_catalog or of an extension, or undefined. */
export function exportedTypeName(baseType: string): string | undefined {
  // citext is an extension's: its schema is the one that the extension was installed in.
  const name = baseType.endsWith('.citext') ? 'citext' : baseType
  return sqlTypes.has(name) ? name : renamedSqlTypes.get(name)
}
