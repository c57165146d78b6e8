import type { ColumnType } from 'kysely'

/**
 * Column types as PostgreSQL names them. Each is a JavaScript type with a brand, so that a uuid is not a text although
 * both travel as strings. The brand is optional: literals of the JavaScript type can be given where a value is asked for.
 */
declare const pgType: unique symbol

/** A value of the PostgreSQL type `Name`, represented in JavaScript as `Js`. */
export type Pg<Name extends string, Js> = Js & { readonly [pgType]?: Name | undefined }

export type text = Pg<'text', string>
export type varchar = text
export type bpchar = text
export type citext = text
export type char = Pg<'char', string>
export type name = Pg<'name', string>
export type uuid = Pg<'uuid', string>
export type bool = Pg<'bool', boolean>
export type int2 = Pg<'int4', number>
export type int4 = Pg<'int4', number>
/** int8 travels as text: a JavaScript number would lose digits. */
export type int8 = Pg<'int8', string>
export type float4 = Pg<'float8', number>
export type float8 = Pg<'float8', number>
/** numeric travels as text: a JavaScript number would round it. */
export type numeric = Pg<'numeric', string>
export type money_ = Pg<'money', string>
export type date = Pg<'date', string>
export type time = Pg<'time', string>
export type timetz = Pg<'timetz', string>
export type timestamp = Pg<'timestamp', string>
export type timestamptz = Pg<'timestamptz', string>
export type interval = Pg<'interval', string>
export type bytea = Pg<'bytea', Uint8Array>
export type json = Pg<'json', object>
export type jsonb = Pg<'jsonb', object>
export type inet = Pg<'inet', string>
export type cidr = Pg<'cidr', string>
export type macaddr = Pg<'macaddr', string>
export type xml = Pg<'xml', string>
export type tsvector = Pg<'tsvector', string>
export type oid = Pg<'oid', number>
export type ArrayOf<T> = Pg<'array', readonly T[]>
/** A type that drover has no name for, e.g. one of an extension. */
export type Other<Name extends string> = Pg<Name, string>
/**
 * A column `generated always as identity`: a mapping may give it, overriding the sequence, or leave it out; no update
 * may.
 */
export type IdentityAlways<T> = ColumnType<T, T | undefined, never>
