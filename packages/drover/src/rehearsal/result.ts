import type { Forecast } from './forecast.ts'

/** What a rehearsal does, in this order. Each stage needs those before it. */
export const stageNames = [
  'schema',
  'sample',
  'check',
  'run',
  'verification',
  'rollback',
  'comparison',
  'run again',
] as const

/** A stage of a rehearsal. */
export type StageName = (typeof stageNames)[number]

/** What came of a stage. */
export interface Stage {
  readonly name: StageName
  readonly verdict: 'pass' | 'fail' | 'not run'
  /** A sentence. */
  readonly detail: string
  readonly seconds: number
}

/** What a rehearsal showed, as a JSON value. Counts and figures, no keys and no values. */
export interface RehearsalResult {
  readonly version: 1
  /** Of the plan that a run of the real database would follow. */
  readonly planHash: string
  /** `pass` where every stage has passed. */
  readonly verdict: 'pass' | 'fail'
  readonly stages: readonly Stage[]
  /** What the scratch database has otherwise than the real one, and what the way back leaves: a sentence each. */
  readonly notes: readonly string[]
  /** Null where the run did not come to its end. */
  readonly forecast: Forecast | null
}
