import type { RuleKind } from '../codes/rules.ts'

/** A rule that rows of a mapping would break. */
export interface Violation {
  readonly kind: RuleKind
  /** The constraint or index of the target by name; null where the rule has none. */
  readonly constraint: string | null
  /** Of the target; none for the key of the source. */
  readonly columns: readonly string[]
  readonly target: string
  /** Rows that the server would refuse, or over which the run would fail. */
  readonly rows: bigint
  /** The lowest source keys, five at most; none where it is the keys that are null. */
  readonly keys: readonly string[]
}

/** A sentence, with what helps. */
export function describeViolation(violation: Violation): string {
  return `${what(violation)}${describeKeys(violation)}`
}

function what({ kind, constraint, columns, target, rows }: Violation): string {
  const some = rows === 1n ? '1 row' : `${rows} rows`
  const column = `${columns.join(', ')} of ${target}`
  switch (kind) {
    case 'key-null':
      return `the key of ${some} is null, and a run would fail. Take another key, or leave the rows out in a subquery in \`from\`.`
    case 'key-twice':
      return `${some} ${rows === 1n ? 'has' : 'have'} the key of another one, and a run would fail. Add columns to \`key\` until it is unique.`
    case 'match-twice':
      return `${some} ${rows === 1n ? 'matches' : 'match'} a row of ${target} that another one matches already, and a run would fail. Say in \`identity\` which rows are the same, or match by more.`
    case 'standing':
      return `${some} would be loaded under a key that stands in ${target} already, and the server would refuse them. Say in \`match\` which rows are the same, or load into a table without them.`
    case 'target-twice':
      return `${some} would be loaded under the key of another one, and the server would refuse them. Say in \`identity\` which rows are the same, or make the key of ${target} of more columns.`
    case 'not-null':
      return `${some} would have no value for ${column}, which may not be null. Decide with required() what that means.`
    case 'length':
      return `${some} would have a text that is too long for ${column}. Cut it in the mapping, or make the column longer.`
    case 'precision':
      return `${some} would have a number that is too large for ${column}. Decide in the mapping what becomes of it, or make the column wider.`
    case 'check':
      return `${some} would break the check ${constraint} of ${target}.`
    case 'unique':
      return `${some} would have the values of another one in ${constraint} of ${target}, which are unique there. Say in \`identity\` which rows are the same.`
    case 'foreign-key':
      return `${some} would refer by ${constraint} of ${target} to a row that is not there.`
  }
}

function describeKeys({ keys, rows }: Violation): string {
  if (keys.length === 0) return ''
  const more = rows - BigInt(keys.length)
  return ` Source key${rows === 1n ? '' : 's'}: ${keys.join(', ')}${more > 0n ? ` and ${more} more` : ''}.`
}

/** Of a mapping whose rows do not add up (I2). */
export function describeSum(read: bigint, dispositions: bigint): string {
  return `its dispositions are ${dispositions} and its source rows ${read}: a join multiplies or drops rows, or a match is torn between several. The figures are not what a run would do, and those of the mappings that depend on it may be wrong too.`
}
