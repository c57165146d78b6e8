import { type Expression, sql } from 'kysely'
import { annotate } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { type NullOf, once } from './guard.ts'
import type { text, uuid } from './sql-types.ts'

export interface DerivedUuidOptions {
  /** Put before the key with a colon, so that equal keys of two tables give two ids. Default: nothing. */
  readonly entity?: string
  /** Default 8. Version 5 needs the extension uuid-ossp and gives what every other implementation of RFC 9562 gives. */
  readonly version?: 5 | 8
  /** A UUID. Default: none for version 8, RFC 9562's URL namespace for version 5. */
  readonly namespace?: string
}

/** RFC 9562, appendix: the name space of URLs. */
const urlNamespace = '6ba7b811-9dad-11d1-80b4-00c04fd430c8'

/**
 * A UUID computed from the source key: the same key gives the same id on every run (I7). The key is taken as it is,
 * byte for byte.
 *
 * SQL for version 8: 122 bits of `sha256(convert_to(entity || ':' || x, 'UTF8'))` with version and variant set;
 * for version 5: `uuid_generate_v5(namespace, entity || ':' || x)`
 */
export function derivedUuid<X extends text | null>(
  x: Expression<X>,
  options: DerivedUuidOptions = {},
): Expression<uuid | NullOf<X>> {
  const { entity, version = 8, namespace } = options
  const name = entity === undefined ? sql`${x}` : sql`${sql.lit(`${entity}:`)} || (${x})`
  if (version === 5) {
    const generate = expressionOf(
      annotate(sql`uuid_generate_v5`.toOperationNode(), {
        kind: 'extension',
        extension: 'uuid-ossp',
        function: 'uuid_generate_v5',
      }),
    )
    return once(sql<uuid | NullOf<X>>`${generate}(${sql.lit(namespace ?? urlNamespace)}::uuid, ${name})`)
  }
  const bytes =
    namespace === undefined
      ? sql`convert_to(${name}, 'UTF8')`
      : sql`uuid_send(${sql.lit(namespace)}::uuid) || convert_to(${name}, 'UTF8')`
  // Bits 48 to 51 hold the version, bits 64 and 65 the variant; set_bit counts from the right within each byte.
  const stamped = [
    [55, 1],
    [54, 0],
    [53, 0],
    [52, 0],
    [71, 1],
    [70, 0],
  ].reduce<Expression<unknown>>(
    (value, [bit, to]) => sql`set_bit(${value}, ${sql.lit(bit)}, ${sql.lit(to)})`,
    sql`substring(sha256(${bytes}) from 1 for 16)`,
  )
  return once(sql<uuid | NullOf<X>>`encode(${stamped}, 'hex')::uuid`)
}
