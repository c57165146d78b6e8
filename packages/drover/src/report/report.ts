import type { ResourceUse } from '../ledger/resources.ts'
import type { WorkingSettings } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import type { ServerLimits } from '../monitor/limits.ts'
import type { HazardName } from '../plan/plan.ts'
import type { Finding } from '../verify/verification.ts'
import type { ReportComparison } from './comparison.ts'
import type { ControlTotal } from './control-totals.ts'
import type { ReportCourse, Throughput } from './course.ts'
import type { DataQuality } from './data-quality.ts'
import type { ReportEvidence } from './evidence.ts'
import type { ReportIssue } from './issues.ts'
import type { ReportPurge } from './purge.ts'
import type { ReportRebuild } from './rebuilds.ts'
import type { ReportRehearsal } from './rehearsal.ts'
import type { ReportRollback } from './rollback.ts'

/**
 * All that is known of a run, as a JSON value; `report.schema.json` is its schema. Counts of rows are int8 and therefore
 * decimal text, instants are ISO 8601 in UTC. It holds keys, never values of rows (I8).
 */
export interface Report {
  readonly version: 1
  readonly verdict: ReportVerdict
  readonly run: ReportRun
  /** Absent of a run whose keys and originals are in the ledger: most are. */
  readonly purge?: ReportPurge
  /** In the plan's order. */
  readonly mappings: readonly ReportMapping[]
  /** How the load of each went, in the same order. */
  readonly courses: readonly ReportCourse[]
  /** Source rows of all chunks that ended in equal slices of the load's time; null where none has. */
  readonly throughput: Throughput | null
  /** In the plan's order; none where nothing had to be made after the load. */
  readonly rebuilds: readonly ReportRebuild[]
  /** The sums that the migration declares; what they are grouped by is shown, for that they were declared. */
  readonly controlTotals: readonly ControlTotal[]
  /** What the run took of the server; null where no sample tells of it. */
  readonly resources: ResourceUse | null
  /** The processes that worked on the run, in order of time; none where no sample was written. */
  readonly processes: readonly ReportProcess[]
  /** What the governor decided, once a second in each process: by action and limit, what was decided most first. */
  readonly decisions: readonly DecisionGroup[]
  /** Rows that were set aside, by cause; the largest group first, as in the lists that follow. */
  readonly quarantine: readonly QuarantineGroup[]
  /** Values that a rule changed, by cause. */
  readonly corrections: readonly ColumnGroup[]
  /** Values that were counted and not changed, by cause. */
  readonly notes: readonly ColumnGroup[]
  readonly merges: readonly MergeGroup[]
  /** Null where no check of the run's plan was recorded before it. */
  readonly dataQuality: DataQuality | null
  /** The newest rehearsal of the run's plan; null where there was none. */
  readonly rehearsal: ReportRehearsal | null
  /** With the run of the migration before this one, else with the rehearsal; null where there was neither. */
  readonly comparison: ReportComparison | null
  /** How the run was taken back; null where that has not begun. */
  readonly rollback: ReportRollback | null
  /** What the last verification found; empty where there was none. */
  readonly findings: readonly Finding[]
  /** What did not go as it might have, in order of time. */
  readonly issues: readonly ReportIssue[]
  /** What was allowed by name before the run. */
  readonly hazards: readonly ReportHazard[]
  /** In order of time. */
  readonly events: readonly ReportEvent[]
  /** What nobody looked at, a sentence each. */
  readonly notChecked: readonly string[]
  /** The commands that lead to the same result, one a line. */
  readonly reproduce: readonly string[]
  readonly evidence: ReportEvidence
}

/**
 * What the run came to, in words and in the numbers that the words rest on. The counts are those of the load, also
 * where it was taken back since.
 */
export interface ReportVerdict {
  readonly carriedOut: 'in full' | 'in part' | 'rolled back'
  /** `not run` also where the run was changed since it was verified. */
  readonly verification: 'pass' | 'warn' | 'fail' | 'not run'
  readonly sourceRows: string
  /** Loaded, merged and matched: rows that a row of the target stands for. */
  readonly rowsInTarget: string
  /** Quarantined and excluded. */
  readonly rowsLeftOut: string
  /** For people, in order of weight. */
  readonly sentences: readonly string[]
  /** What the run is judged by, in order of weight. */
  readonly criteria: readonly Criterion[]
  readonly coverage: Coverage
  /** What there is to do from here, the most needful first. */
  readonly next: readonly NextStep[]
}

/** Something that has to hold before one can trust the run. */
export interface Criterion {
  readonly name: string
  /** `unknown`: nobody has looked, or it is too early to tell. */
  readonly holds: 'yes' | 'no' | 'unknown'
  /** A sentence. */
  readonly detail: string
}

/** How much of the run was looked at. Counts of rows are int8, as text. */
export interface Coverage {
  readonly passed: number
  readonly warned: number
  readonly failed: number
  readonly notRun: number
  /**
   * Mappings whose rows were compared, all of them, and of how many. What of their columns was not is a check that was
   * not run.
   */
  readonly comparedMappings: number
  readonly mappings: number
}

/** What to do next, with the command that does it. */
export interface NextStep {
  /** What it is for, as a question: `How do I go back?` */
  readonly question: string
  readonly answer: string
  readonly command: string | null
}

/** The run itself: what, when, by whom and by which plan. */
export interface ReportRun {
  readonly id: string
  readonly migration: string
  readonly state: RunState
  readonly planHash: string
  /** The version of drover that made the plan. */
  readonly drover: string
  /** The version of the server that the plan was made for, e.g. `18.4`. */
  readonly server: string
  readonly startedBy: string
  readonly createdAt: string
  readonly startedAt: string | null
  /** When the last mapping was closed; of a run that is not loaded, when it stopped. */
  readonly finishedAt: string | null
  readonly durationMs: number | null
  readonly settings: {
    /** Always null: any number of workers may have taken part, and the ledger does not count them. */
    readonly workers: null
    /** Null: as many as fit into the time that a chunk may take. */
    readonly rowsPerChunk: number | null
    readonly allowed: readonly string[]
    /** The run's fixed "now". */
    readonly cutover: string
    /** Of the process that began the run or took it up last; null where it did not say. */
    readonly working: WorkingSettings | null
  }
}

/** Where every row of a mapping's source went. */
export interface ReportMapping {
  readonly name: string
  /** A qualified table, or `query`. */
  readonly source: string
  readonly target: string
  /** What each target column was made from; in the target's order. */
  readonly lineage: readonly ReportLineage[]
  readonly state: 'waiting' | 'loading' | 'done'
  /** Null before the mapping was prepared. */
  readonly sourceRows: string | null
  /** Before the first chunk; `sourceRows` is counted again when the mapping is closed. */
  readonly sourceRowsBefore: string | null
  readonly loaded: string
  readonly merged: string
  readonly matched: string
  readonly quarantined: string
  readonly excluded: string
  /** Whether the source rows are the sum of what became of them (I2). */
  readonly balances: boolean
  readonly targetRowsBefore: string | null
  readonly targetRowsAfter: string | null
  readonly chunks: string
  readonly chunksDone: string
  readonly durationMs: number | null
  /** Source rows, over the time from the first preparation to the close. */
  readonly rowsPerSecond: number | null
}

/** A target column and the source columns that it was made from, as `alias.column`; none where every row got one value. */
export interface ReportLineage {
  readonly column: string
  readonly reads: readonly string[]
}

/** What a process took of its machine, from one sample a second. */
export interface ReportProcess {
  /** `host.pid` */
  readonly name: string
  /** Its first and its last sample. */
  readonly from: string
  readonly to: string
  readonly samples: string
  /** The most memory that it held, an int8. */
  readonly peakMemoryBytes: string
  /** The most workers that could take chunks at once. */
  readonly workers: number
  /** Time on a processor, from the beginning of the process to its last sample; null of an older drover's. */
  readonly cpuUserSeconds: number | null
  readonly cpuSystemSeconds: number | null
  /** How late its event loop came to what was due, 99 times of 100, in its worst second; null of an older drover's. */
  readonly eventLoopPeakMs: number | null
}

/** Decisions of the governor that share an action and a limit. */
export interface DecisionGroup {
  /** `go`: no limit was exceeded. */
  readonly action: 'go' | 'wait' | 'fewer-workers' | 'smaller-chunks'
  /** The limit that was exceeded; null of `go`, and where the server did not tell its state. */
  readonly limit: keyof ServerLimits | null
  readonly samples: string
  /** When it was decided first and last; not always in between. */
  readonly firstAt: string
  readonly lastAt: string
}

/** Rows of a mapping that were set aside under one code. */
export interface QuarantineGroup {
  readonly mapping: string
  readonly code: string
  /** The target columns whose guards carry the code. */
  readonly columns: readonly string[]
  readonly rows: string
  /** Of those, the rows that stay out for good: the migration says so, or somebody has. */
  readonly accepted: string
  /** Source keys, the lowest few. */
  readonly sampleKeys: readonly string[]
  /** The first few, with the masked values of the source columns that `columns` were made from (I8). */
  readonly sample: readonly MaskedRow[]
  /** SQL that shows all of them, with their originals, to whoever runs it. */
  readonly query: string
  /** What lists them, and what tries them again once they are fixed. */
  readonly commands: readonly string[]
}

/** A row by its source key, with values of which only the shape is shown: letters as a, digits as 9. */
export interface MaskedRow {
  readonly key: string
  readonly values: Readonly<Record<string, string | null>>
}

/** Rows of which one column was corrected or noted under one code. */
export interface ColumnGroup {
  readonly mapping: string
  readonly column: string
  readonly code: string
  /** Null where it is said of the whole mapping, not of single rows. */
  readonly rows: string | null
  readonly sampleKeys: readonly string[]
  /** SQL that shows all of them, of corrections with their originals, to whoever runs it. */
  readonly query: string
}

/** Rows of a mapping that were merged into others. */
export interface MergeGroup {
  readonly mapping: string
  readonly rows: string
  /** Source keys: of a row, and of the row that stands for it. */
  readonly samplePairs: readonly { readonly key: string; readonly survivor: string }[]
}

/** A hazard of the plan, which somebody has allowed. */
export interface ReportHazard {
  readonly name: HazardName
  readonly mapping: string | null
  readonly why: string
}

/** Something that has happened, as the ledger has noted it. */
export interface ReportEvent {
  readonly at: string
  readonly actor: string
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
}
