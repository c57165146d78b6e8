export type { Generated, GeneratedAlways } from 'kysely'
export { type Expression, sql } from 'kysely'
export type { Compute, ComputedColumns, ComputedRow, ComputedType, Writes } from './define/compute.ts'
export { oneOf } from './define/enumeration.ts'
export { type CollectOptions, collect, filled } from './define/group.ts'
export { correctedWhen, noteWhen, once, type Parsed, quarantineWhen } from './define/guard.ts'
export { type DerivedUuidOptions, derivedUuid } from './define/identifier.ts'
export type { EvolveOptions, Mapping, MappingOptions, Match } from './define/mapping.ts'
export {
  defineMigration,
  type FreezeMode,
  type MigrationDefinition,
  type MigrationOptions,
} from './define/migration.ts'
export { constant, required, withDefault } from './define/nulls.ts'
export { decimal, money, type NumberLocale, type NumberOptions, percent } from './define/number.ts'
export { crosswalk, type FirstReference, firstRef, lookup, type Reference, ref, refWhen } from './define/reference.ts'
export type * from './define/sql-types.ts'
export { mostComplete, newest, oldest, prefer, type SurvivorRule } from './define/survivor.ts'
export { blankToNull, fold, lowerTrim, matching, squish, trim } from './define/text.ts'
export { businessDate, clampToCutover, cutover, instant, isoDate } from './define/time.ts'
export { DroverError, type ErrorCode, errorCodes, renderError } from './error.ts'
