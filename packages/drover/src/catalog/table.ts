import type { Distribution } from './distribution.ts'

/** What a table is. Partitions are tables (or partitioned, or foreign) with {@link Table.partitionOf}. */
export type TableKind = 'table' | 'partitioned' | 'view' | 'materialized view' | 'foreign'

/**
 * A table, view or foreign table. All SQL texts are as the server prints them under `search_path = pg_catalog`, that is,
 * with every name outside pg_catalog qualified.
 */
export interface Table {
  readonly schema: string
  readonly name: string
  readonly kind: TableKind
  /** In order of position. */
  readonly columns: readonly Column[]
  /** The columns of the primary key in its order; absent where there is none. */
  readonly primaryKey?: readonly string[]
  readonly constraints: readonly Constraint[]
  readonly indexes: readonly Index[]
  readonly triggers: readonly Trigger[]
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
  readonly policies: readonly Policy[]
  readonly owner: string
  /** The query of a view or materialized view. */
  readonly query: string | null
  /** The partition key, e.g. `RANGE (created_at)`, of a partitioned table. */
  readonly partitionKey: string | null
  /** The qualified name of the table that this one is a partition of. */
  readonly partitionOf: string | null
  /** The values that a partition takes, e.g. `FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`. */
  readonly partitionBound: string | null
  /** Whether partitions or inheriting tables hold rows that a query of this table returns. */
  readonly hasChildren: boolean
  readonly replicaIdentity: 'default' | 'nothing' | 'full' | 'index'
  /** How the rows are spread over the nodes of a cluster; absent where the table is one of this server alone. */
  readonly distribution?: Distribution
}

/** What the declared type of a column is. */
export type ColumnKind = 'base' | 'enum' | 'domain' | 'array' | 'composite' | 'range' | 'multirange'

/** A column of a table, as the server's catalogue tells it. */
export interface Column {
  readonly name: string
  /** The declared type with its modifiers, e.g. `character varying(255)`, `public.email`, `integer[]`. */
  readonly type: string
  /**
   * The declared type by its name in pg_type without modifiers: `varchar`, `int4`, `int4[]`, `public.email`. Types
   * outside pg_catalog are qualified like tables; an array is its element type and `[]`.
   */
  readonly typeName: string
  /** As {@link typeName}, with domains replaced by the type under them: `text`, `public.clinic_status`, `int4[]`. */
  readonly baseType: string
  readonly kind: ColumnKind
  /**
   * Whether the server refuses a null here: by the column, the primary key or the domain. On PostgreSQL 18 a
   * `not null not valid` counts, although old rows may still hold nulls.
   */
  readonly notNull: boolean
  /** The default of the column or else of its domain; for a generated column its expression. */
  readonly default: string | null
  readonly identity: 'always' | 'by default' | null
  readonly generated: 'stored' | 'virtual' | null
  /** `default`, `C`, `public.natural`, …; null where the type has no collation. */
  readonly collation: string | null
  /** False where different texts may be equal. True for types without collation. */
  readonly collationDeterministic: boolean
  /** 1 for the first column; dropped columns leave no gap. */
  readonly ordinal: number
}

/** A constraint of a table; whether a column may be null is told by the column. */
export interface Constraint {
  readonly kind: 'primary' | 'unique' | 'foreign' | 'check' | 'exclusion'
  readonly name: string
  /** The constrained columns in the constraint's order; expressions of an exclusion constraint are left out. */
  readonly columns: readonly string[]
  /** What follows `add constraint name`, from `pg_get_constraintdef`; ends in `NOT VALID` where that is so. */
  readonly definition: string
  readonly validated: boolean
  /** False for a `not enforced` constraint of PostgreSQL 18. */
  readonly enforced: boolean
  /** False where a trigger that enforces it is off (`disable trigger all`): rows that break it can come in. */
  readonly fires: boolean
  readonly nullsNotDistinct: boolean
  readonly deferrable: boolean
  readonly initiallyDeferred: boolean
  /** Whether it comes from a parent table, so that it cannot be dropped by itself. */
  readonly inherited: boolean
  /** What a foreign key points at. */
  readonly references?: Reference
  readonly comment: string | null
}

/** What a foreign key does with rows that refer, when the row they refer to goes or its key changes. */
export type ReferenceAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

/** Where a foreign key leads to. */
export interface Reference {
  readonly schema: string
  readonly table: string
  /** In the order of the constraint's own columns. */
  readonly columns: readonly string[]
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  /** `full`: either all columns are null or none. */
  readonly match: 'simple' | 'full'
  /** Whether the last column is compared as a period (PostgreSQL 18): contained in, not equal to. */
  readonly period: boolean
}

/** An index of a table, those of its constraints included. */
export interface Index {
  readonly name: string
  readonly unique: boolean
  readonly primary: boolean
  /** The key columns in order; null stands for an expression. */
  readonly columns: readonly (string | null)[]
  /** The columns of `include`. */
  readonly included: readonly string[]
  /** The condition of a partial index. */
  readonly predicate: string | null
  /** The whole `create index`, from `pg_get_indexdef`: `on only` if the table is partitioned, and without tablespace. */
  readonly definition: string
  /** False after a failed concurrent build, and for a partitioned index that lacks a partition's index. */
  readonly valid: boolean
  readonly nullsNotDistinct: boolean
  /** The primary key, unique or exclusion constraint that the index serves. */
  readonly constraint: string | null
  /** `btree`, `gist`, … */
  readonly accessMethod: string
  /** Whether it is the part of a partitioned index, so that it cannot be dropped by itself. */
  readonly inherited: boolean
  /** Whether it is the table's replica identity. */
  readonly replicaIdentity: boolean
  /** Whether `cluster` without an index name follows it. */
  readonly clustered: boolean
  /** Null for the database's own. */
  readonly tablespace: string | null
  /** Per key column; null where none was set. */
  readonly statisticsTargets: readonly (number | null)[]
  readonly comment: string | null
  /**
   * What would have to be dropped with the index or its constraint: `foreign key visits_fk on public.visits`,
   * `view public.totals`, … Of all schemas, not only those of the catalog.
   */
  readonly requiredBy: readonly string[]
}

/** A trigger of a table that somebody has made: none of those that keep foreign keys. */
export interface Trigger {
  readonly name: string
  /** The whole `create trigger`, from `pg_get_triggerdef`. */
  readonly definition: string
  /** `tgenabled`: O fires in origin sessions, D is disabled, R fires in replica sessions, A always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A'
  /** Whether it comes from the trigger of a partitioned parent. */
  readonly inherited: boolean
}

/** A policy of row-level security. */
export interface Policy {
  readonly name: string
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  readonly permissive: boolean
  /** In order of name; `public` stands for every role. */
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
}
