import type { Kysely, Selectable } from 'kysely'
import { DroverError } from '../error.ts'
import type { AccessOptions } from './access.ts'
import type { AttemptOptions } from './attempt.ts'
import type { Allowance, DeclaredCheck } from './check.ts'
import type { RowFunction, Writes } from './compute.ts'
import { readAccess, readAssertion, readAttempt, readParity, readProbe } from './declare-check.ts'
import type {
  ColumnExpressions,
  EquivalenceRules,
  EvolveOptions,
  Mapping,
  MappingDefinition,
  MappingOptions,
  UpdateExpressions,
} from './mapping.ts'
import type { Answer, AssertionOptions, ParityOptions } from './parity.ts'
import type { ProbeFunction } from './probe.ts'
import { type AnyMapping, readMapping } from './read-mapping.ts'
import type { MappingRef } from './reference.ts'
import { isInstant } from './time-literal.ts'

/**
 * A named set of mappings, as `drover plan` and `drover run` take it: the default export of a migration file. `Names`
 * are those of its mappings.
 */
export interface MigrationDefinition<Names extends string = string> {
  readonly kind: 'drover-migration'
  readonly name: string
  /** The run's "now", an ISO instant. */
  readonly cutover: string
  readonly freeze: FreezeMode
  readonly indexes: IndexMode
  readonly mappings: readonly (MappingDefinition & { readonly name: Names })[]
  readonly checks: readonly DeclaredCheck[]
  /** How many rows drover's own checks may find, by the name of the check. */
  readonly allow: Readonly<Record<string, Allowance>>
}

/** What a migration says besides its mappings. */
export interface VerificationOptions {
  /** What `drover verify` asks besides its own checks. Default none. */
  readonly checks?: readonly DeclaredCheck[]
  /**
   * How many rows a check of drover's own may find in a mapping or table before it fails: up to so many it warns.
   * Default none.
   */
  readonly allow?: { readonly [check in AllowingCheck]?: Allowance }
}

/** The checks that count rows of a mapping, and can let some pass. */
const allowingChecks = ['row comparison', 'targets exist', 'references', 'added rows'] as const

/** A check that can let some findings pass. */
export type AllowingCheck = (typeof allowingChecks)[number]

/**
 * How the tables that a run reads are kept as they are: `block` makes writes to them fail until the run ends · `verify`
 * tells afterwards whether someone wrote to them, and then verification fails · `none` does nothing, and is a hazard.
 */
export type FreezeMode = 'verify' | 'block' | 'none'

/**
 * What becomes of indexes, unique constraints and foreign keys of a target that is empty when the run starts: `rebuild`
 * takes them off and makes them again after the load, which is several times faster, and is a hazard · `keep` leaves
 * them alone.
 */
export type IndexMode = 'rebuild' | 'keep'

/** What holds for the migration as a whole. */
export interface MigrationOptions {
  /** Lower-case letters, digits and hyphens. Names the migration in the ledger. */
  readonly name: string
  /** The one "now" of the run, an ISO instant with zone such as `2025-06-01T00:00:00Z` (I7). */
  readonly cutover: string
  readonly source?: {
    /** Default `verify`. `block` needs to own the tables, and lets them be read by blocks, which is faster. */
    readonly freeze?: FreezeMode
  }
  readonly target?: {
    /** Default `rebuild`. */
    readonly indexes?: IndexMode
  }
}

type KeyOf<Row, K extends string> = K extends keyof Selectable<Row> ? Selectable<Row>[K] : unknown

/**
 * Starts a migration from the source schema `S` to the target schema `A`, both written by `drover types`.
 *
 * @throws DroverError `definition-invalid` where the cutover is no instant. Names are looked at when it is planned.
 */
export function defineMigration<S, A>(options: MigrationOptions) {
  const cutover = readCutover(options)
  const announced: Announced[] = []
  return {
    /**
     * Maps one source relation to one target table. A wrong or missing column does not compile.
     * `name` is a lower-case SQL name of at most 45 characters: the ledger's tables carry it.
     *
     * @throws DroverError `definition-invalid` where it lacks a part, or something in it is no expression; so do `derive`
     * and `evolve`.
     */
    map<
      DB,
      TB extends keyof DB,
      To extends keyof A & string,
      const C extends ColumnExpressions<A[To]>,
      const K extends string = 'id',
      R extends string = never,
      const W extends Writes = Record<never, never>,
      const F extends string = never,
      const Q extends EquivalenceRules<A[To]> = Record<never, never>,
      N extends string = string,
    >(
      name: N,
      mapping: MappingOptions<S, A, DB, TB, To, C, R, W, F, Q> & { readonly targetKey?: K },
    ): Mapping<KeyOf<A[To], K>, Selectable<A[To]>, N> {
      return { name, definition: readMapping(name, 'copy', mapping as unknown as AnyMapping) }
    },

    /**
     * As `map`, for rows that are made from target tables once these are loaded, such as stored totals. They are counted
     * as synthesised: no row of the source stands behind them.
     */
    derive<
      DB,
      TB extends keyof DB,
      To extends keyof A & string,
      const C extends ColumnExpressions<A[To]>,
      const K extends string = 'id',
      const Q extends EquivalenceRules<A[To]> = Record<never, never>,
      N extends string = string,
    >(
      name: N,
      mapping: MappingOptions<A, A, DB, TB, To, C, never, Record<never, never>, never, Q> & { readonly targetKey?: K },
    ): Mapping<KeyOf<A[To], K>, Selectable<A[To]>, N> {
      return { name, definition: readMapping(name, 'derive', mapping as unknown as AnyMapping) }
    },

    /**
     * Updates the rows of a table in place, in chunks of its primary key: `from` is the table `to` itself, `columns` the
     * ones that change. A row as it was is kept as a before-image (I4); a row in which nothing would change is not
     * written. A row that a guard sets aside stays as it is. Every other row counts as matched.
     */
    evolve<
      DB,
      TB extends keyof DB,
      To extends keyof A & string,
      const C extends UpdateExpressions<A[To]>,
      N extends string = string,
    >(name: N, mapping: EvolveOptions<S, A, DB, TB, To, C>): Mapping<unknown, Selectable<A[To]>, N> {
      return { name, definition: readMapping(name, 'evolve', { ...mapping, key: () => [] } as unknown as AnyMapping) }
    },

    /**
     * A mapping that is defined further down, or the one that is being defined, for references to it: a tree's parent,
     * two tables that refer to each other. Where such references close a circle, the column is loaded as null and filled
     * after the load, so it must be nullable.
     */
    later<To extends keyof A & string, const K extends string = 'id'>(
      name: string,
      to: To,
      targetKey?: K,
    ): MappingRef<KeyOf<A[To], K>, Selectable<A[To]>> {
      announced.push({ name, to, targetKey: targetKey ?? 'id' })
      return { name, isLater: true }
    },

    /**
     * The migration, from its mappings in any order.
     *
     * @throws DroverError `definition-invalid` where a mapping is not what `later` said of it, two checks share a name, or
     * `allow` names no check that can let rows pass.
     */
    migration<M extends Mapping>(
      mappings: readonly M[],
      { checks = [], allow = {} }: VerificationOptions = {},
    ): MigrationDefinition<M['name']> {
      for (const mapping of mappings) requireAnnounced(mapping.definition, announced)
      requireDistinctNames(checks)
      requireAllowing(allow)
      return {
        kind: 'drover-migration',
        name: options.name,
        cutover,
        freeze: options.source?.freeze ?? 'verify',
        indexes: options.target?.indexes ?? 'rebuild',
        mappings: mappings.map((mapping) => mapping.definition as MappingDefinition & { readonly name: M['name'] }),
        checks,
        allow,
      }
    },

    /**
     * A rule: a query that must return no row.
     *
     * @throws DroverError `definition-invalid` where it cannot be asked so, as do the other checks.
     */
    assertNone<O>(
      name: string,
      query: (db: Kysely<S & A>) => Answer<O>,
      options: AssertionOptions<S, A, O> = {},
    ): DeclaredCheck {
      return readAssertion(name, query, options)
    },

    /** A question that must have the same answer in the old schema and the new one: the same rows, in any order. */
    parity<O, P extends Record<keyof O, unknown>>(name: string, options: ParityOptions<S, A, O, P>): DeclaredCheck {
      return readParity(name, options)
    },

    /** What each actor sees when he asks as a role, with his claims and under row-level security: exactly what is his. */
    access<Actor = Record<never, never>>(name: string, options: AccessOptions<S, A, Actor>): DeclaredCheck {
      return readAccess(name, options)
    },

    /** A write that must not succeed when an actor tries it as a role. */
    attempt<Actor>(name: string, options: AttemptOptions<S, A, Actor>): DeclaredCheck {
      return readAttempt(name, options)
    },

    /** A function that asks with the application's own client. `drover verify` then needs the migration file. */
    probe(name: string, ask: ProbeFunction): DeclaredCheck {
      return readProbe(name, ask)
    },
  }
}

/** What `later` said of a mapping. */
interface Announced {
  readonly name: string
  readonly to: string
  readonly targetKey: string
}

function requireAnnounced(mapping: MappingDefinition, announced: readonly Announced[]): void {
  const other = announced.find(
    ({ name, to, targetKey }) => name === mapping.name && (to !== mapping.to || targetKey !== mapping.targetKey),
  )
  if (other === undefined) return
  throw new DroverError('definition-invalid', 'A mapping is not what a reference to it was told.', {
    where: `mapping ${mapping.name}`,
    why: `later() says ${other.to} by ${other.targetKey}, the mapping is to ${mapping.to} by ${mapping.targetKey}`,
    remedy: `Write later('${mapping.name}', '${mapping.to}'${mapping.targetKey === 'id' ? '' : `, '${mapping.targetKey}'`}).`,
  })
}

function requireDistinctNames(checks: readonly DeclaredCheck[]): void {
  const names = checks.map(({ name }) => name)
  const twice = names.filter((name, i) => names.indexOf(name) !== i)
  if (twice.length === 0) return
  throw new DroverError('definition-invalid', 'Two checks share a name.', {
    where: `check ${twice[0]}`,
    remedy: 'Name each check differently: findings and reports know it by its name.',
  })
}

/** Without the compiler's help, as in JavaScript, a check may be misspelt: its rows would fail all the same. */
function requireAllowing(allow: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(allow).filter((name) => !(allowingChecks as readonly string[]).includes(name))
  if (unknown.length === 0) return
  throw new DroverError('definition-invalid', `No check that can let rows pass is named ${unknown.join(' or ')}.`, {
    where: 'migration, allow',
    remedy: `These can: ${allowingChecks.join(', ')}.`,
  })
}

/** The probes of a migration by name, for a verification of a run of its plan. */
export function probesOf({ checks }: MigrationDefinition): ReadonlyMap<string, ProbeFunction> {
  return new Map(checks.flatMap((check) => (check.kind === 'probe' ? [[check.name, check.ask] as const] : [])))
}

/** The row functions of a migration by mapping, for a run of its plan. */
export function rowFunctionsOf({ mappings }: MigrationDefinition): ReadonlyMap<string, RowFunction> {
  return new Map(mappings.flatMap(({ name, compute }) => (compute ? [[name, compute.batch] as const] : [])))
}

function readCutover(options: MigrationOptions): string {
  if (!isInstant(options.cutover)) {
    throw new DroverError('definition-invalid', 'The cutover is not an instant.', {
      where: `migration ${options.name}, cutover`,
      remedy: "Write an ISO instant with its zone, such as '2025-06-01T00:00:00Z', to the millisecond at most.",
    })
  }
  return new Date(options.cutover).toISOString()
}
