/** The id that drover derives: 122 bits of a SHA-256 as a UUID of version 8. */
export function idOf(entity: string, key: string): string {
  const hash = `substring(sha256(convert_to('${entity}:' || ${key}, 'UTF8')) from 1 for 16)`
  return `encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(${hash}, 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid`
}

/** A value without its signs, as the author of a script takes them off who knows this data. */
export const cleaned = `replace(replace(v.value, '$', ''), ',', '')`

/**
 * Whether that is a number. What PostgreSQL 16 brings for it also takes `NaN` and `1e5`, which this data does not hold.
 *
 * @param version the server's, as `server_version_num`
 */
export function isNumber(version: number): string {
  return version >= 160_000
    ? `pg_input_is_valid(${cleaned}, 'numeric(18,4)')`
    : `${cleaned} ~ '^-?[0-9]{1,14}([.][0-9]{1,4})?$'`
}
