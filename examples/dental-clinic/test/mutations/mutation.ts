import type { CheckName } from '../../../../packages/drover/src/verify/verification.ts'

/** A fault that is planted in a migrated database: the verifier must find it, by the right check, at the right place. */
export interface Mutation {
  /** What is done to the data, in a few words. */
  readonly fault: string
  /** Statements, carried out as superuser; at least one row or object must change. */
  readonly plant: string
  /** The check that must fail. */
  readonly check: CheckName
  /** What its finding must name: in its mapping, rule, detail or sample. */
  readonly names: readonly (string | RegExp)[]
}
