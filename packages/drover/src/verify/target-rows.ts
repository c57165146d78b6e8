import { qualifiedName } from '../catalog/catalog.ts'
import { withinAllowance } from './allowance.ts'
import { type Check, counted, namesOf, soleMapping, type TableSubject } from './check.ts'
import { type NobodysRows, nobodysQuery, readNobodysRows } from './nobodys-rows.ts'
import type { Finding } from './verification.ts'
import { checkStatement } from './violations.ts'

/**
 * The target holds what it held before the run and what was loaded: when its last mapping was closed, and now. Mappings
 * that share the target are summed.
 *
 * Rows that no crosswalk leads to are from before the run, or were added since. How many were added is a matter of
 * counts, for before the run they were counted. Which ones is told by their xmin: a row from before that was changed
 * since looks like one that was added, and one that was deleted hides one that was added.
 */
export const targetRows: Check<TableSubject> = {
  name: 'target rows',
  whenGone: 'fail',
  isLong: true,
  run: async (tx, subject, { afterCutover }) => {
    const { runId, plan, table, mappings, tallies } = subject
    const origin = { runId, mapping: namesOf(subject), check: 'target rows' } as const
    const [row] = await tx.query(checkStatement(origin, mappings[0]!.statements.countTarget))
    const now = BigInt(row?.n as string)
    const nobodys = await readNobodysRows(tx, subject)
    // A run only inserts, so its counts of one table grow: the lowest is from before its first chunk, the highest from
    // after its last, in whatever order the mappings were prepared and closed.
    const before = tallies.map((tally) => tally.targetRowsBefore ?? 0n).reduce((a, b) => (a < b ? a : b))
    const after = tallies.map((tally) => tally.targetRowsAfter ?? 0n).reduce((a, b) => (a > b ? a : b))
    const loaded = tallies.reduce((sum, tally) => sum + tally.loaded, 0n)
    const wanted = before + loaded
    const added = atLeastNone(nobodys.before + nobodys.since - (before - nobodys.matched))
    // An entry that a crosswalk has lost leaves its row without one: other checks count the entries.
    const astray = atLeastNone(nobodys.run - atLeastNone(loaded - nobodys.loaded))
    const gone = atLeastNone(wanted + added + astray - now)
    const name = qualifiedName(table)
    const loadedBy = namesOf(subject)
    const common = {
      check: 'target rows',
      mapping: soleMapping(subject),
      expected: `${wanted} after the run, ${wanted} now`,
    } as const
    const counts = [
      ...(added > 0n ? [`${added} added`] : []),
      ...(gone > 0n ? [`${gone} gone`] : []),
      ...(astray > 0n ? [`${astray} without source row`] : []),
    ]
    const actual = `${after} after the run, ${now} now${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`
    const isFaulty = after !== wanted || astray > 0n || now !== wanted + added + astray - gone
    if (!isFaulty && added === 0n && gone === 0n) {
      const detail = `${name} holds the ${before} rows from before the run and the ${loaded} that were loaded (${loadedBy}).`
      return [{ ...common, verdict: 'pass', actual, detail }]
    }
    const isAllowed =
      withinAllowance(plan.allow['added rows'], added, loaded) &&
      withinAllowance(plan.allow['targets exist'], gone, loaded)
    // What another run carried in, it answers for.
    const isOfRuns = gone === 0n && added <= nobodys.another
    const story = [
      ...(after === wanted ? [] : [`the run left it with ${counted(after, 'row')}`]),
      ...(astray === 0n
        ? []
        : [
            `${counted(astray, 'row')} that the run wrote ${astray === 1n ? 'is' : 'are'} in no crosswalk: ${listOf(nobodys, 'run', astray)}`,
          ]),
      ...(added === 0n
        ? []
        : [
            `${counted(added, 'row')} ${added === 1n ? 'was' : 'were'} added since${isOfRuns ? ', by another run' : whichOf(nobodys, added)}`,
          ]),
      ...(gone === 0n ? [] : [`${counted(gone, 'row')} ${gone === 1n ? 'was' : 'were'} deleted since`]),
    ].join('; ')
    const finding: Finding = {
      ...common,
      verdict: !isFaulty && (afterCutover || isAllowed || isOfRuns) ? 'warn' : 'fail',
      actual,
      detail: `${name} should hold the ${before} rows from before the run and the ${loaded} that were loaded (${loadedBy}): ${story}${!isFaulty && !afterCutover && isAllowed ? '; the migration allows that' : ''}.`,
      sample: nobodys.keys
        .filter(({ writer }) => (writer === 'run' ? astray : added) > 0n)
        .map(({ key, writer }) => ({ key, fault: writer === 'run' ? 'in no crosswalk' : 'added since' })),
      query: nobodysQuery(subject),
    }
    return [finding]
  },
}

function atLeastNone(n: bigint): bigint {
  return n < 0n ? 0n : n
}

/** Names the rows that were added: as many as there are, or some among others that may be from before and were changed. */
function whichOf(nobodys: NobodysRows, added: bigint): string {
  if (nobodys.since === 0n) return ''
  return `${nobodys.since > added ? ', among' : ':'} ${listOf(nobodys, 'since', nobodys.since)}`
}

function listOf({ keys }: NobodysRows, writer: 'since' | 'run', count: bigint): string {
  const named = keys
    .filter((row) => row.writer === writer)
    .map(({ key }) => Object.values(key))
    .map((values) => (values.length === 1 ? values[0] : `(${values.join(', ')})`))
  if (named.length === 0) return counted(count, 'row')
  const more = count - BigInt(named.length)
  return `${named.join(', ')}${more > 0n ? ` and ${more} more` : ''}`
}
