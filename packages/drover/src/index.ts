export type { Generated, GeneratedAlways } from 'kysely'
export { type Expression, sql } from 'kysely'
export type { Config, ServerLimits, TimeLimits } from './config.ts'
export { type AccessOptions, type ActingRole, type ActorColumns, asRole } from './define/access.ts'
export { type AlikeOptions, alike } from './define/alike.ts'
export type { AttemptOptions } from './define/attempt.ts'
export { businessDate } from './define/business-date.ts'
export type { Allowance, DeclaredCheck } from './define/check.ts'
export type { Compute, ComputedColumns, ComputedRow, ComputedType, Writes } from './define/compute.ts'
export { type DateTextOptions, dateFromText, isoDate } from './define/date-text.ts'
export { mapValues, oneOf } from './define/enumeration.ts'
export { type CollectOptions, collect, filled } from './define/group.ts'
export { correctedWhen, noteWhen, once, type Parsed, quarantineWhen, rejectWhen } from './define/guard.ts'
export {
  type DerivedUuidOptions,
  derivedUuid,
  type IdentifierOptions,
  randomUuid,
  uuidv7From,
} from './define/identifier.ts'
export { instant, timeZone } from './define/instant.ts'
export { instantFromText } from './define/instant-text.ts'
export { type IntegerOptions, integer } from './define/integer.ts'
export { type AsObjectOptions, asObject, jsonArray, jsonObject } from './define/json.ts'
export { type RewrittenIds, rewriteIds } from './define/json-ids.ts'
export { parseJson } from './define/json-text.ts'
export { corrections, merged, notes, quarantined } from './define/ledger.ts'
export type {
  ColumnExpressions,
  EvolveOptions,
  Exact,
  Mapping,
  MappingOptions,
  Match,
  SourceColumns,
} from './define/mapping.ts'
export { meaningful } from './define/meaningful.ts'
export {
  defineMigration,
  type FreezeMode,
  type IndexMode,
  type MigrationDefinition,
  type MigrationOptions,
  type VerificationOptions,
} from './define/migration.ts'
export { type NumericType, narrow } from './define/narrow.ts'
export { constant, required, withDefault } from './define/nulls.ts'
export { decimal, money, type NumberOptions, percent } from './define/number.ts'
export type { IntegerTypes } from './define/number-range.ts'
export type { NumberLocale, NumberTextOptions } from './define/number-text.ts'
export { type Ordered, type OrderedOptions, ordered, type Span } from './define/ordered.ts'
export type { Answer, AssertionOptions, ParityOptions } from './define/parity.ts'
export { type PlausibleOptions, plausible } from './define/plausible.ts'
export type { ProbeAnswer, ProbeContext, ProbeFunction } from './define/probe.ts'
export { crosswalk, type FirstReference, firstRef, lookup, type Reference, ref, refWhen } from './define/reference.ts'
export { sameAs } from './define/same-as.ts'
export type * from './define/sql-types.ts'
export { mostComplete, newest, oldest, prefer, type SurvivorRule } from './define/survivor.ts'
export {
  atMost,
  blankToNull,
  fold,
  lowerTrim,
  matching,
  normalized,
  squish,
  stripInvisible,
  trim,
} from './define/text.ts'
export { clampToCutover, cutover } from './define/time.ts'
export type { Summable, Total } from './define/total.ts'
export { undecided } from './define/undecided.ts'
export type { WallClockOptions } from './define/wall-clock.ts'
export { DroverError, type ErrorCode, errorCodes, renderError } from './error.ts'
