import type {
  Expression,
  Insertable,
  Kysely,
  OperationNode,
  Selectable,
  SelectQueryBuilder,
  SelectQueryNode,
} from 'kysely'
import type { MappingRef } from './reference.ts'
import type { SurvivorRule } from './survivor.ts'

/** The columns of the relations in `from`, by alias: `({ c }) => c.name`. */
export type SourceColumns<DB, TB extends keyof DB> = {
  readonly [A in TB]: { readonly [K in keyof Selectable<DB[A]>]: Expression<Selectable<DB[A]>[K]> }
}

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

/** TypeScript accepts further keys in a returned object; this type does not. */
export type Exact<Given, Wanted> = Given & {
  readonly [K in Exclude<keyof Given, keyof Wanted>]: `unknown target column: ${K & string}`
}

/** What makes two source rows the same thing. Null equals null. */
export type Identity =
  | readonly Expression<unknown>[]
  | {
      readonly by: readonly Expression<unknown>[]
      /** Rows for which this does not hold have no duplicates. */
      readonly when: Expression<unknown>
    }

/** How an existing target row is recognised as the one that a source row stands for. */
export interface Match<To> {
  /** Holds for the one existing row of the target. */
  readonly on: (to: TargetColumns<To>, existing: TargetColumns<To>) => Expression<unknown>
  /** `keep`: the existing row stays as it is; only the crosswalk learns of it. */
  readonly found: 'keep'
}

/** A mapping: one source relation to one target table. `S` source schema, `A` target schema. */
export interface MappingOptions<S, A, DB, TB extends keyof DB, To extends keyof A & string, C> {
  /**
   * The source: a Kysely query of one table, or of one subquery with an alias (which is then stored before it is read),
   * with left joins to relations that are unique on the join's columns.
   */
  readonly from: (db: Kysely<S & A>) => SelectQueryBuilder<DB, TB, object>
  /** What identifies a row of the driving relation. Unique, never null. */
  readonly key: (source: SourceColumns<DB, TB>) => Expression<unknown> | readonly Expression<unknown>[]
  /** Rows for which this does not hold are excluded: counted, not loaded. Default: every row. */
  readonly where?: (source: SourceColumns<DB, TB>, to: TargetColumns<A[To]>) => Expression<unknown>
  /** Duplicates become one target row; references to the others follow to it. Default: no duplicates are looked for. */
  readonly identity?: (source: SourceColumns<DB, TB>, to: TargetColumns<A[To]>) => Identity
  /** Which duplicate stands for the others; equals are decided by the lowest source key. Default: the lowest source key. */
  readonly survivor?: (
    source: SourceColumns<DB, TB>,
    to: TargetColumns<A[To]>,
  ) => SurvivorRule | readonly SurvivorRule[]
  /** Target rows that exist before the run. Default: none is looked for. */
  readonly match?: Match<A[To]>
  readonly to: To
  /** The column that references to this mapping receive: the target's primary key. Default `id`. */
  readonly targetKey?: keyof Selectable<A[To]> & string
  readonly columns: (source: SourceColumns<DB, TB>) => Exact<C, ColumnExpressions<A[To]>>
  /** Columns of the source that are left behind on purpose. */
  readonly dropped?: readonly string[]
  /** Columns of the driving table that never enter the ledger, not even with a quarantined row. */
  readonly secret?: readonly string[]
}

/** A mapping as the planner reads it: Kysely nodes and names, nothing else. */
export interface MappingDefinition {
  readonly name: string
  readonly from: SelectQueryNode
  readonly key: readonly OperationNode[]
  readonly where: OperationNode | undefined
  readonly identity: { readonly by: readonly OperationNode[]; readonly when: OperationNode | undefined } | undefined
  readonly survivor: readonly SurvivorRule[]
  readonly match: { readonly on: OperationNode; readonly found: 'keep' } | undefined
  readonly to: string
  readonly targetKey: string
  readonly columns: Readonly<Record<string, OperationNode>>
  readonly dropped: readonly string[]
  readonly secret: readonly string[]
}

/** A mapping that others can refer to. `Id` and `Row` are types only. */
export interface Mapping<Id = unknown, Row = unknown> extends MappingRef<Id, Row> {
  readonly definition: MappingDefinition
}
