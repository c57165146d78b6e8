import type {
  Expression,
  Insertable,
  Kysely,
  OperationNode,
  Selectable,
  SelectQueryBuilder,
  SelectQueryNode,
  Updateable,
} from 'kysely'
import type { Compute, ComputeDefinition, ComputedColumns, Writes } from './compute.ts'
import type { MappingRef } from './reference.ts'
import type { SurvivorRule } from './survivor.ts'
import type { Total, TotalDefinition } from './total.ts'

/** The columns of the relations in `from`, by alias: `({ c }) => c.name`. */
export type SourceColumns<DB, TB extends keyof DB> = {
  readonly [A in TB]: { readonly [K in keyof Selectable<DB[A]>]: Expression<Selectable<DB[A]>[K]> }
}

/**
 * The names of those columns, whichever of the relations has them. Any name as long as the relations are not known: the
 * compiler looks at what needs no context before it looks at `from`.
 */
export type SourceColumnName<DB, TB extends keyof DB> = [TB] extends [never]
  ? string
  : { readonly [A in TB]: keyof Selectable<DB[A]> & string }[TB]

/** The columns of the target row that the mapping makes. */
export type TargetColumns<Row> = {
  readonly [K in keyof Selectable<Row>]: Expression<Selectable<Row>[K]>
}

type RequiredKeys<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T]

/** What `columns` must give: every column that has no default and may not be null, and any other column of the table. */
export type ColumnExpressions<Row> = {
  readonly [K in RequiredKeys<Insertable<Row>>]: Expression<Insertable<Row>[K]>
} & {
  readonly [K in Exclude<keyof Insertable<Row>, RequiredKeys<Insertable<Row>>>]?: Expression<
    Exclude<Insertable<Row>[K], undefined>
  >
}

/** What `equivalent` may give: for a column of the target, the condition under which two values of it mean the same. */
export type EquivalenceRules<Row> = {
  readonly [K in keyof Selectable<Row>]?: Expression<unknown>
}

/** What `columns` of an evolving mapping may give: any column that can be updated. */
export type UpdateExpressions<Row> = {
  readonly [K in keyof Updateable<Row>]?: Expression<Exclude<Updateable<Row>[K], undefined>>
}

/** TypeScript accepts further keys in a returned object; this type does not. */
export type Exact<Given, Wanted> = Given & {
  readonly [K in Exclude<keyof Given, keyof Wanted>]: `unknown target column: ${K & string}`
}

/** What makes two source rows the same thing. Null equals null. */
export type Identity =
  | readonly Expression<unknown>[]
  | ({
      readonly by: readonly Expression<unknown>[]
      /** Rows for which this does not hold have no duplicates. Default: every row can have some. */
      readonly when?: Expression<unknown>
    } & (
      | {
          readonly agree?: never
          /** The code under which duplicates are set aside. Default: they are merged into the row that stands for them. */
          readonly quarantine?: string
        }
      | {
          /** Duplicates that have the same values here as the row that stands for them are merged into it. */
          readonly agree: readonly Expression<unknown>[]
          /** The code under which the others are set aside. */
          readonly quarantine: string
        }
    ))

/** How an existing target row is recognised as the one that a source row stands for, and what happens to it. */
export type Match<To> = {
  /** Holds for the one existing row of the target. */
  readonly on: (to: TargetColumns<To>, existing: TargetColumns<To>) => Expression<unknown>
} & (
  | {
      /** `keep`: the existing row stays as it is; only the crosswalk learns of it. */
      readonly found: 'keep'
    }
  | {
      /** `update`: columns of the existing row get the mapped values; the row as it was is kept as a before-image (I4). */
      readonly found: 'update'
      /** The columns that are updated. A row in which none of them would change is not written. */
      readonly update: readonly (keyof Updateable<To> & string)[]
    }
)

/** What every kind of mapping says. `S` source schema, `A` target schema. */
interface CommonOptions<S, A, DB, TB extends keyof DB, To extends keyof A & string> {
  /**
   * The source: a Kysely query of one table, or of one subquery with an alias (which is then stored before it is read),
   * with left joins to relations that are unique on the join's columns.
   */
  readonly from: (db: Kysely<S & A>) => SelectQueryBuilder<DB, TB, object>
  /** Rows for which this does not hold are excluded: counted, not loaded. Default: every row. */
  readonly where?: (source: SourceColumns<DB, TB>, to: TargetColumns<A[To]>) => Expression<unknown>
  readonly to: To
  /** Columns of the source that are left behind on purpose. */
  readonly dropped?: readonly string[]
  /** Columns of the driving table that never enter the ledger, not even with a quarantined row. */
  readonly secret?: readonly NoInfer<SourceColumnName<DB, TB>>[]
  /**
   * Columns of the driving table that tell something of a person. The ledger keeps them, to mend and to undo; every
   * output masks them, also where values are asked for.
   */
  readonly personal?: readonly NoInfer<SourceColumnName<DB, TB>>[]
}

/** A mapping that updates the rows of a table in place: the driving relation of `from` is the table `to` itself. */
export interface EvolveOptions<S, A, DB, TB extends keyof DB, To extends keyof A & string, C>
  extends CommonOptions<S, A, DB, TB, To> {
  readonly columns: (source: SourceColumns<DB, TB>) => Exact<C, UpdateExpressions<A[To]>>
}

/** A mapping: one source relation to one target table. `S` source schema, `A` target schema. */
export interface MappingOptions<
  S,
  A,
  DB,
  TB extends keyof DB,
  To extends keyof A & string,
  C,
  R extends string = never,
  W extends Writes = Record<never, never>,
  F extends string = never,
  Q = Record<never, never>,
> extends CommonOptions<S, A, DB, TB, To> {
  /** What identifies a row of the driving relation. Unique, never null. */
  readonly key: (source: SourceColumns<DB, TB>) => Expression<unknown> | readonly Expression<unknown>[]
  /** Duplicates become one target row; references to the others follow to it. Default: no duplicates are looked for. */
  readonly identity?: (source: SourceColumns<DB, TB>, to: TargetColumns<A[To]>) => Identity
  /** Which duplicate stands for the others; equals are decided by the lowest source key. Default: the lowest source key. */
  readonly survivor?: (
    source: SourceColumns<DB, TB>,
    to: TargetColumns<A[To]>,
  ) => SurvivorRule | readonly SurvivorRule[]
  /** Target rows that exist before the run. Default: none is looked for. */
  readonly match?: Match<A[To]>
  /** Values that a function in JavaScript makes, for what SQL cannot do. They come to `columns` as second argument. */
  readonly compute?: Compute<SourceColumns<DB, TB>, R, W, F>
  /** The column that references to this mapping receive: the target's primary key. Default `id`. */
  readonly targetKey?: keyof Selectable<A[To]> & string
  /**
   * When a value of the target that differs from the one that the transform makes means the same. Rows that differ in
   * nothing else are counted apart by the row comparison, and are no difference. Default: every difference is one.
   */
  readonly equivalent?: (made: TargetColumns<A[To]>, found: TargetColumns<A[To]>) => Exact<Q, EquivalenceRules<A[To]>>
  /** Control totals, by their names. Default none. */
  readonly totals?: (source: SourceColumns<DB, TB>, to: TargetColumns<A[To]>) => Readonly<Record<string, Total>>
  readonly columns: (source: SourceColumns<DB, TB>, computed: ComputedColumns<W>) => Exact<C, ColumnExpressions<A[To]>>
}

/**
 * `copy`: rows of the source become rows of the target · `derive`: rows are made from target tables after their load,
 * and count as synthesised · `evolve`: rows of the target are updated in place.
 */
export type MappingKind = 'copy' | 'derive' | 'evolve'

/** A mapping as the planner reads it: Kysely nodes and names, nothing else. */
export interface MappingDefinition {
  readonly name: string
  readonly kind: MappingKind
  readonly from: SelectQueryNode
  /** None for `evolve`: there it is the target's primary key. */
  readonly key: readonly OperationNode[]
  readonly where: OperationNode | undefined
  readonly identity: IdentityDefinition | undefined
  readonly survivor: readonly SurvivorRule[]
  readonly match: MatchDefinition | undefined
  readonly compute: ComputeDefinition | undefined
  readonly to: string
  readonly targetKey: string
  readonly columns: Readonly<Record<string, OperationNode>>
  /** By column of the target; `target` columns are as the transform makes them, `existing` ones as they are found. */
  readonly equivalent: Readonly<Record<string, OperationNode>>
  readonly totals: readonly TotalDefinition[]
  readonly dropped: readonly string[]
  readonly secret: readonly string[]
  readonly personal: readonly string[]
}

/** By what rows of the source are one and the same thing, as the plan is built from it. */
export interface IdentityDefinition {
  readonly by: readonly OperationNode[]
  readonly when: OperationNode | undefined
  /** What a duplicate must share with the row that stands for it to be merged nevertheless. */
  readonly agree: readonly OperationNode[]
  /** The code under which duplicates are set aside; none where they are merged. */
  readonly quarantine: string | undefined
}

/** By what a row finds one that exists in the target, as the plan is built from it. */
export interface MatchDefinition {
  readonly on: OperationNode
  /** The columns of the existing row that are updated; none where it is kept. */
  readonly update: readonly string[]
}

/** A mapping that others can refer to. `Id` and `Row` are types only. */
export interface Mapping<Id = unknown, Row = unknown, Name extends string = string> extends MappingRef<Id, Row> {
  readonly name: Name
  readonly definition: MappingDefinition
}
