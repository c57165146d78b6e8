import { type Expression, ReferenceNode, sql } from 'kysely'
import { annotate } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import type { NullOf } from './guard.ts'
import type { text, timestamptz, uuid } from './sql-types.ts'

/** What is hashed beside the key. */
export interface IdentifierOptions {
  /** Put before the key with a colon, so that equal keys of two tables give two ids. Default: nothing. */
  readonly entity?: string
  /** A UUID. Default: none, or for version 5 RFC 9562's URL namespace. */
  readonly namespace?: string
}

/** How a UUID is made from a text. */
export interface DerivedUuidOptions extends IdentifierOptions {
  /** Default 8. Version 5 needs the extension uuid-ossp and gives what every other implementation of RFC 9562 gives. */
  readonly version?: 5 | 8
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
  if (options.version === 5) {
    const generate = expressionOf(
      annotate(sql`uuid_generate_v5`.toOperationNode(), {
        kind: 'extension',
        extension: 'uuid-ossp',
        function: 'uuid_generate_v5',
      }),
    )
    const namespace = sql.lit(options.namespace ?? urlNamespace)
    return derived(x, sql`${generate}(${namespace}::uuid, ${nameOf(x, options)})`)
  }
  return derived(x, stamped(sql`substring(${hashOf(x, options)} from 1 for 16)`, 8))
}

/**
 * A UUID of version 7 (RFC 9562), which sorts by time: the milliseconds of `time`, the other 74 bits from a hash of the
 * source key. The same time and key give the same id on every run (I7); rows of one millisecond are told apart by
 * their keys alone. Times before 1970 or after the year 10889, for which the format has no bits, count as its
 * first or last millisecond: the order stays, and the key still tells the ids apart.
 *
 * SQL: `int8send(floor(extract(epoch from time) * 1000)::bigint)` from the third byte on, then ten bytes of
 * `sha256(convert_to(entity || ':' || x, 'UTF8'))`, with version and variant set
 */
export function uuidv7From<T extends timestamptz | null, X extends text | null>(
  time: Expression<T>,
  x: Expression<X>,
  options: IdentifierOptions = {},
): Expression<uuid | NullOf<T> | NullOf<X>> {
  const milliseconds = sql`least(greatest(floor(extract(epoch from ${time}) * 1000), 0), ${sql.lit(2n ** 48n - 1n)})`
  // greatest() and least() pass over nulls.
  const known = sql`case when (${time}) is not null then ${milliseconds}::bigint end`
  return derived(
    x,
    stamped(sql`substring(int8send(${known}) from 3) || substring(${hashOf(x, options)} from 1 for 10)`, 7),
  )
}

/**
 * A random UUID (version 4), made once a row. It differs from run to run, which breaks I7 for its column and everything
 * that refers to it: the plan lists it as hazard `random-ids`. Where ids need not be unpredictable, {@link derivedUuid} or
 * {@link uuidv7From} are the better choice. One call is one value, however often it is mentioned; two calls are two.
 * It cannot decide anything before the row is loaded: not the key, nor identity, survivor or match, nor the id of
 * mappings that merge.
 *
 * SQL: `gen_random_uuid()`
 */
export function randomUuid(): Expression<uuid> {
  return expressionOf(annotate(sql`gen_random_uuid()`.toOperationNode(), { kind: 'random' }))
}

/** Made once a row, and noted as what tells the values of `x` apart. */
function derived<T>(x: Expression<unknown>, value: Expression<unknown>): Expression<T> {
  const from = x.toOperationNode()
  return expressionOf<T>(
    annotate(value.toOperationNode(), {
      kind: 'once',
      ...(ReferenceNode.is(from) ? { tellsApart: compile(from) } : {}),
    }),
  )
}

function nameOf(x: Expression<unknown>, { entity }: IdentifierOptions): Expression<unknown> {
  return entity === undefined ? sql`${x}` : sql`${sql.lit(`${entity}:`)} || (${x})`
}

function hashOf(x: Expression<unknown>, options: IdentifierOptions): Expression<unknown> {
  const name = sql`convert_to(${nameOf(x, options)}, 'UTF8')`
  return options.namespace === undefined
    ? sql`sha256(${name})`
    : sql`sha256(uuid_send(${sql.lit(options.namespace)}::uuid) || ${name})`
}

/** Sixteen bytes as a UUID: bits 48 to 51 hold the version, bits 64 and 65 the variant. */
function stamped<T>(bytes: Expression<unknown>, version: 7 | 8): Expression<T> {
  // set_bit counts from the right within each byte.
  const bits = [3, 2, 1, 0].map((i) => [52 + i, (version >> i) & 1] as const)
  const value = [...bits, [71, 1] as const, [70, 0] as const].reduce<Expression<unknown>>(
    (before, [bit, to]) => sql`set_bit(${before}, ${sql.lit(bit)}, ${sql.lit(to)})`,
    bytes,
  )
  return sql<T>`encode(${value}, 'hex')::uuid`
}
