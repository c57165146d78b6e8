import type { Catalog } from '../catalog/catalog.ts'
import type { DistributionKind } from '../catalog/distribution.ts'
import { type RunHazard, runHazards } from '../codes/hazards.ts'
import type { Allowance } from '../define/check.ts'
import type { MappingKind } from '../define/mapping.ts'
import type { FreezeMode } from '../define/migration.ts'
import type { Outcome } from '../sql/annotation.ts'
import type { DeclaredPlan } from './declared-plan.ts'
import type { Execution } from './execution.ts'
import type { RebuildPlan } from './rebuild-plan.ts'
import type { RepairStatements } from './repair-plan.ts'

/** drover's own schema in the target database. */
export const ledgerSchema = 'drover'

/** What a run executes: a JSON value in a stable order, the same for the same definition, catalog and version. */
export interface Plan {
  readonly version: 1
  /** The drover that made the plan. */
  readonly drover: string
  readonly migration: string
  /** The run's "now", an ISO instant. */
  readonly cutover: string
  /** SHA-256 over everything else in the plan, in hex. */
  readonly hash: string
  /** In an order in which every mapping stands after those it refers to. */
  readonly mappings: readonly MappingPlan[]
  readonly freeze: FreezePlan
  /** By target; none where nothing of it is taken off. */
  readonly rebuilds: readonly RebuildPlan[]
  /** What the migration declares to be asked of a loaded run, in its order. */
  readonly checks: readonly DeclaredPlan[]
  /** How many rows drover's own checks may find before they fail, by the name of the check. */
  readonly allow: Readonly<Record<string, Allowance>>
  readonly hazards: readonly Hazard[]
  /** The tables that the plan was made for; a run compares them with what it finds. */
  readonly catalog: Catalog
  /** How a cluster said it would write the rows, when the plan was shown; no part of the hash. Absent elsewhere. */
  readonly executions?: readonly Execution[]
}

/** How the source is kept as it is while the run reads it. */
export interface FreezePlan {
  readonly mode: FreezeMode
  readonly tables: readonly FrozenTable[]
}

/** A table of the source, and how it is kept still during the run. */
export interface FrozenTable {
  readonly schema: string
  readonly name: string
  /** Makes writes fail; none where they are only noticed. */
  readonly block: readonly string[]
  /** Ends that; null where there is nothing to end. */
  readonly release: string | null
  /** Returns what must be the same before and after, as `digest`; null where writes fail. */
  readonly digest: string | null
}

/** The trigger on a table of the source that refuses writes. */
export const freezeTrigger = 'drover_frozen'

/** All statements and facts of one mapping. */
export interface MappingPlan {
  readonly name: string
  /** The driving relation: a qualified table, or `query` where the mapping reads from a stored query. */
  readonly source: string
  readonly target: string
  readonly kind: MappingKind
  /** What else the mapping does: rows may share a target row, stand for one that exists, or change one that exists. */
  readonly traits: readonly ('merge' | 'match' | 'update' | 'compute')[]
  readonly dependsOn: readonly string[]
  /** How chunks are cut: by ranges of the key, or by ranges of physical blocks. */
  readonly ranges: 'key' | 'physical'
  /** The partitions within which the ranges are; none where the source is not partitioned, or is read as one table. */
  readonly partitions: readonly PartitionPlan[]
  readonly key: readonly string[]
  /** The target's primary key, which the crosswalk holds. */
  readonly targetKey: readonly string[]
  readonly columns: readonly ColumnPlan[]
  readonly references: readonly ReferencePlan[]
  readonly sequences: readonly SequencePlan[]
  readonly guards: readonly GuardPlan[]
  readonly compute: ComputePlan | null
  /** The table whose rows can be fixed in place of the mapping's; null where there is none. */
  readonly origin: OriginPlan | null
  /** Columns of the driving relation that never enter the ledger. */
  readonly secret: readonly string[]
  /** Columns of the driving relation that every output masks. */
  readonly personal: readonly string[]
  /** Null where rows evolve in place: what they were made from is gone. */
  readonly comparison: ComparisonPlan | null
  /**
   * Asks the query again that the mapping reads from: `n`, `key` and `change` of the lowest rows by which the answer differs
   * from what was stored; null where it reads from a table.
   */
  readonly compareStoredQuery: string | null
  /** Null where the mapping declares no control total. */
  readonly totals: TotalsPlan | null
  readonly statements: MappingStatements
  /** How the rows come to lie on the nodes of a cluster; absent where the target is a table of one server. */
  readonly spread?: SpreadPlan
}

/** What a mapping means on a cluster. */
export interface SpreadPlan {
  readonly kind: DistributionKind
  /** The column by which the rows of the target are distributed; null where there is none. */
  readonly column: string | null
  /** A sentence each: where rows go, and what asks every shard. */
  readonly notes: readonly string[]
}

/** A partition that is read by itself. Its number, from 1, is the first part of a chunk's bounds. */
export interface PartitionPlan {
  readonly schema: string
  readonly name: string
  /** Its rows with its number and their `ctid`, as the chunks read them. */
  readonly select: string
}

export type { Allowance, FreezeMode }

/** A sequence that what the mapping loads moves. */
export interface SequencePlan {
  /** As `schema.name`. */
  readonly name: string
  /** Ahead of the first chunk: keeps where it stands. `$1` run. */
  readonly note: string
  /** After the last one: sets it where it is behind of what was loaded; null where the rows draw from it themselves. */
  readonly advance: string | null
  /** After that: keeps where the run has left it. `$1` run. */
  readonly mark: string
  /**
   * When the rows are taken back: sets it back where it still stands as the run left it, and no row needs the numbers
   * since. `$1` run; returns `isBack`, whether it stands where it stood before.
   */
  readonly restore: string
}

/** The relation that a mapping reads. */
export interface OriginPlan {
  /** As `schema.name`. */
  readonly relation: string
  /** Whether its primary key, as one text, is the mapping's source key. */
  readonly sharesKey: boolean
}

/** What is known of a column that a mapping fills. */
export interface ColumnPlan {
  readonly name: string
  /** Lineage: the source columns that the expression reads, as `alias.column`. */
  readonly reads: readonly string[]
  /** Made by a function that gives another value at every call: no digest and no recomputation can compare it. */
  readonly opaque: boolean
}

/** A column that holds a key of another mapping's target as it is, whether or not a foreign key says so. */
export interface ReferencePlan {
  readonly column: string
  /** The table whose rows it names, as `schema.name`. */
  readonly target: string
  /** The column of that table whose values it holds. */
  readonly key: string
}

/** The comparison of the target with the transform of its source, recomputed. */
export interface ComparisonPlan {
  readonly columns: readonly string[]
  /** Those that the mapping writes in rows which it matches: of such a row no other is compared. */
  readonly updated: readonly string[]
  /** Columns that cannot be recomputed: what a function made, or what differs at every call. */
  readonly notCompared: readonly string[]
  /** Columns for which a rule is declared under which two values mean the same. */
  readonly equivalent: readonly string[]
  /**
   * Returns every row that is not identical, in no order: `key`, `class` (a {@link RowClass}), `columns` and
   * `equivalent`, the names of the columns that differ and of those that differ under their rule alone, and the values
   * of both as JSON objects of texts by column: `made` by the transform, null where there is no source row, and
   * `found`, null where there is no target row. `$1` run, `$2` lower (inclusive) and `$3` upper bound (exclusive) of
   * the keys, `$4` the keys, as text[]; null: no bound, all keys.
   */
  readonly statement: string
}

/**
 * What the comparison says of a row that is not identical with what the transform makes. `equivalent`: it differs under
 * declared rules alone · `different`: as the run itself wrote it · `changed since`, `deleted since`: by someone else, after
 * the load · `no disposition`: the source row came after the load · `no source row`: it went · `disposition` and
 * `quarantined, and would not be now`: the run would decide otherwise on the row.
 */
export type RowClass =
  | 'equivalent'
  | 'different'
  | 'changed since'
  | 'deleted since'
  | 'no disposition'
  | 'no source row'
  | 'disposition'
  | 'quarantined, and would not be now'

/** Sums that must be the same on both sides. `$1` is the run in all statements. */
export interface TotalsPlan {
  readonly totals: readonly TotalPlan[]
  /** Before the first chunk: writes the sums of the source into the ledger, in place of those that stand there. */
  readonly before: string
  /** When the mapping is closed: the sums of source and target, by disposition and group. */
  readonly loaded: string
  /**
   * Returns a row for each total, in order: its sums then and now, and of the groups in which source and target differ
   * (`unequal`) or which are not what they were then (`changed`), how many there are and the first five, as JSON.
   */
  readonly compare: string
}

/** A control total of a mapping. */
export interface TotalPlan {
  readonly name: string
  /** What each part of a group is shown under. */
  readonly by: readonly string[]
  /** By how much source and target may differ in a group, a number as SQL reads it. */
  readonly tolerance: string
  /** Of which rows source and target must agree: of existing ones where all that the total reads of them was updated. */
  readonly compared: readonly ('loaded' | 'matched')[]
}

/** A function in JavaScript that is called for each chunk. */
export interface ComputePlan {
  /** What it receives of a row, in the order of the statement's array. */
  readonly reads: readonly string[]
  /** What it gives, with its SQL types. */
  readonly writes: Readonly<Record<string, string>>
  /** The codes with which it may set a row aside. */
  readonly refusals: readonly string[]
  /** Reads the rows of a chunk: `source_key` and `reads`, an array of texts. `$1` lower, `$2` upper bound, as text[]. */
  readonly statement: string
}

/** A guard of a column, and what it does with rows that it catches. */
export interface GuardPlan {
  readonly column: string
  readonly code: string
  readonly outcome: Outcome
  /** Of a quarantine: the rows of which it is the first reason stay out, and count as accepted at once. */
  readonly accepted?: true
}

/** The SQL of one mapping, in the order in which it runs. */
export interface MappingStatements {
  /** Stores the query that the mapping reads from; none where it reads from a table. */
  readonly storeSource: readonly string[]
  /** Makes the empty crosswalk. */
  readonly createCrosswalk: string
  /** Makes the empty table of before-images; null where no existing row is written. */
  readonly createImages: string | null
  /** Decides merges and matches, once, before the first chunk; null where there is nothing to decide. */
  readonly resolve: string | null
  /** Returns a row for each target row that more than one group of source rows matches, or the reverse. */
  readonly findAmbiguousMatches: string | null
  /** After that: the key by which the chunks read what was decided, statistics. */
  readonly settleResolution: readonly string[]
  /** Counts the source: `n`. */
  readonly countSource: string
  /** Counts the target: `n`. */
  readonly countTarget: string
  /** Cuts the pieces that chunks are made of. `$1` run, `$2` rows per piece. */
  readonly cutChunks: string
  /**
   * Says where a chunk can be cut in two. `$1` lower and `$2` upper bound, `$3` how many places go below the cut, null for
   * half of them. Returns `rows` and `places` of the chunk, and `middle`: null where it cannot be cut.
   */
  readonly splitChunk: string
  /** Ahead of a chunk: keeps the table that is read by physical ranges from being rewritten; null for other ranges. */
  readonly holdSource: string | null
  /** Ahead of a chunk that writes rows which are there: keeps others from writing them; absent where the rows are locked. */
  readonly holdTarget?: string
  /**
   * Carries out one chunk. In this one and in those that split a chunk or stand in for it `"drover"."partitions"` is
   * written for the partitions that its bounds name, where there are {@link MappingPlan.partitions}. `$1` run, `$2`
   * chunk number, `$3` lower bound (inclusive), `$4` upper bound (exclusive), as text[]; with a row function `$5`, its
   * results as a JSON array.
   */
  readonly chunk: string
  /**
   * Instead of that, for a chunk of one row which the database refuses: quarantines it, or excludes it where `where`
   * does. `$1` to `$4` as there, `$5` code, `$6` reasons as JSON, `$7` SQLSTATE, `$8` whether `where` is asked: false if it
   * is what fails.
   */
  readonly setAside: string
  /** After the last chunk: the crosswalk's primary key, which proves that every source key has one disposition. */
  readonly keyCrosswalk: readonly string[]
  /** After the last chunk as well: what the server knows of the rows that it reads from now on. */
  readonly analyzeTarget: string
  /** After both: what else the steps after it read by. */
  readonly close: readonly string[]
  /**
   * After that: sets the duplicates aside whose survivor was not loaded after all. `$1` run, `$2` the number of the entry
   * that adjusts the counts; returns a row where there were some. Null where rows are not merged.
   */
  readonly settleMerges: string | null
  /** Fills the references that close a circle; null where there are none. */
  readonly settleReferences: SettleStatements | null
  readonly repair: RepairStatements
}

/** The SQL for references that could not be followed while the rows were loaded. */
export interface SettleStatements {
  /** The mapping with whose end all of them can be followed: the mapping itself for a reference to itself. */
  readonly after: string
  /**
   * Sets the rows aside that must not stay without their reference, `$1` run, `$2` the number of the entry that adjusts
   * the counts; returns a row where there were some, and is then repeated, for other rows may refer to those. Null where
   * no reference is required.
   */
  readonly quarantine: string | null
  /** Fills the columns. `$1` run. */
  readonly fill: string
}

/** Ahead of every chunk's statement: a constraint that is checked late must be checked before the ledger's mark. */
export const checkConstraintsAtOnce = 'set constraints all immediate'

/** Something that a user must know of and allow by name before a run. */
export interface Hazard {
  readonly name: HazardName
  readonly mapping: string | null
  /** One sentence. */
  readonly why: string
}

/** A hazard that a plan can hold. */
export type HazardName = RunHazard

/** Every hazard that a plan can hold. */
export const hazardNames = Object.keys(runHazards) as readonly HazardName[]

/** Beside the columns of the target, the one of a before-image that holds the xmin which the row had. */
export const imageVersion = 'drover_version'

/** The names of the ledger's own tables of one mapping. */
export const ledgerTables = {
  crosswalk: (mapping: string) => ({ schema: ledgerSchema, name: `crosswalk_${mapping}` }),
  resolution: (mapping: string) => ({ schema: ledgerSchema, name: `resolution_${mapping}` }),
  restored: (mapping: string) => ({ schema: ledgerSchema, name: `restored_${mapping}` }),
  source: (mapping: string) => ({ schema: ledgerSchema, name: `source_${mapping}` }),
  images: (mapping: string) => ({ schema: ledgerSchema, name: `before_image_${mapping}` }),
} as const
