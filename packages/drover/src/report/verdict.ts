import { type RunState, stateWords } from '../ledger/state.ts'
import type { Disposition } from '../plan/disposition.ts'
import type { Finding } from '../verify/verification.ts'
import { buildCoverage, buildCriteria } from './criteria.ts'
import { renderCount, renderRows, renderUncounted } from './figures.ts'
import { buildNextSteps } from './next-steps.ts'
import { type ReportPurge, sentenceOfPurge } from './purge.ts'
import type { QuarantineGroup, ReportMapping, ReportVerdict } from './report.ts'
import type { ReportRollback } from './rollback.ts'
import { type VerdictBasis, verificationOf } from './verdict-basis.ts'

/** Causes of quarantine that the verdict names. */
const namedCauses = 5

/** The states in which every mapping is closed. */
const inFull: readonly RunState[] = ['loaded', 'verified', 'repairing', 'finalized']

/** Says what a run came to: carried out or not, verified or not, and which rows are missing and why. Pure. */
export function buildVerdict(basis: VerdictBasis): ReportVerdict {
  const { run, mappings, rollback, purge } = basis
  const carriedOut = run.state === 'rolled_back' ? 'rolled back' : inFull.includes(run.state) ? 'in full' : 'in part'
  const verification = verificationOf(basis)
  const totals = totalsOf(mappings)
  return {
    carriedOut,
    verification,
    sourceRows: String(totals.source),
    rowsInTarget: String(totals.inTarget),
    rowsLeftOut: String(totals.leftOut),
    sentences: [
      ...(rollback === null
        ? [
            sentenceOfRun(run, carriedOut, mappings),
            sentenceOfVerification(verification, basis.findings),
            ...sentencesOfRows(totals, basis),
          ]
        : sentencesOfRollback(run, rollback, purge)),
      ...(purge === undefined ? [] : [sentenceOfPurge(purge)]),
    ],
    criteria: buildCriteria(basis),
    coverage: buildCoverage(basis),
    next: buildNextSteps(basis),
  }
}

function sentenceOfRun(
  run: VerdictBasis['run'],
  carriedOut: ReportVerdict['carriedOut'],
  mappings: readonly ReportMapping[],
): string {
  const name = `Run ${run.id} of ${run.migration}`
  if (carriedOut === 'in full') return `${name} was carried out in full.`
  const done = mappings.filter((mapping) => mapping.state === 'done').length
  return `${name} is ${stateWords(run.state)}: ${renderCount(done)} of its ${renderRows(BigInt(mappings.length), 'mapping')} ${done === 1 ? 'is' : 'are'} done.`
}

const outcomes = {
  pass: 'everything is as it was before it',
  warn: 'what is not as it was before, others have changed, or a decision keeps',
  fail: 'something differs from before, and nobody else has changed it',
} as const

function sentencesOfRollback(
  { id, migration }: VerdictBasis['run'],
  { verdict, chunks, chunksDone, mappings, discarded, findings }: ReportRollback,
  purge: ReportPurge | undefined,
): readonly string[] {
  const sum = (of: 'removed' | 'restored' | 'kept' | 'gone') =>
    mappings.reduce((all, mapping) => all + BigInt(mapping[of]), 0n)
  const [kept, gone, thrown] = [sum('kept'), sum('gone'), discarded.reduce((all, { rows }) => all + BigInt(rows), 0n)]
  const others = findings.filter((finding) => finding.verdict !== 'pass')
  const named = [...new Set(others.map(({ check, object }) => (object === null ? check : `${check} of ${object}`)))]
  const name = `Run ${id} of ${migration}`
  return [
    verdict === null
      ? `${name} is being rolled back: ${renderCount(chunksDone)} of ${renderCount(chunks)} chunks are taken back.`
      : `${name} was rolled back: ${outcomes[verdict]}.`,
    `${renderRows(sum('removed'), 'row')} ${were(sum('removed'))} removed, ${renderCount(sum('restored'))} restored.`,
    ...(kept > 0n ? [`${renderRows(kept, 'row')} of it ${kept === 1n ? 'stays' : 'stay'} by decision.`] : []),
    ...(gone > 0n ? [`${renderRows(gone, 'row')} of it ${were(gone)} gone before.`] : []),
    ...(thrown > 0n
      ? [
          `${renderRows(thrown, 'row')} that others wrote ${were(thrown)} discarded${purge === undefined ? ', and kept in the ledger' : ''}.`,
        ]
      : []),
    ...(named.length > 0 ? [`Not as before: ${named.join(', ')}.`] : []),
  ]
}

function sentenceOfVerification(verification: ReportVerdict['verification'], findings: readonly Finding[]): string {
  const of = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict)
  const names = (some: readonly Finding[]) =>
    [...new Set(some.map(({ check, mapping }) => (mapping === null ? check : `${check} of ${mapping}`)))].join(', ')
  switch (verification) {
    case 'pass':
      return `It was verified: ${of('pass').length === 1 ? 'the one check' : `all ${renderCount(of('pass').length)} checks`} passed.`
    case 'warn':
      return `It was verified: no check failed, and there are warnings about ${names(of('warn'))}.`
    case 'fail':
      return `Verification failed: ${names(of('fail'))}.`
    case 'not run':
      return findings.length === 0 ? 'It was not verified.' : 'It was changed since it was verified: verify it again.'
  }
}

interface Totals {
  readonly source: bigint
  readonly inTarget: bigint
  readonly quarantined: bigint
  readonly excluded: bigint
  readonly leftOut: bigint
}

function totalsOf(mappings: readonly ReportMapping[]): Totals {
  const sum = (...names: readonly ('sourceRows' | Disposition)[]) =>
    mappings.flatMap((mapping) => names.map((name) => BigInt(mapping[name] ?? 0))).reduce((a, b) => a + b, 0n)
  return {
    source: sum('sourceRows'),
    inTarget: sum('loaded', 'merged', 'matched'),
    quarantined: sum('quarantined'),
    excluded: sum('excluded'),
    leftOut: sum('quarantined', 'excluded'),
  }
}

function sentencesOfRows(totals: Totals, { mappings, quarantine }: VerdictBasis): readonly string[] {
  const { source, inTarget, quarantined, excluded } = totals
  const unread = source - inTarget - totals.leftOut
  const uncounted = mappings.filter(({ sourceRows }) => sourceRows === null).length
  const accepted = quarantine.reduce((sum, group) => sum + BigInt(group.accepted), 0n)
  return [
    `${renderCount(inTarget)} of ${renderRows(source, 'source row')} ${inTarget === 1n ? 'has its' : 'have their'} row in the target.`,
    ...(totals.leftOut === 0n && unread <= 0n && uncounted === 0 ? ['No source row was left out.'] : []),
    ...(quarantined > 0n
      ? [`${renderRows(quarantined, 'source row')} ${were(quarantined)} quarantined: ${listCauses(quarantine)}.`]
      : []),
    ...(accepted > 0n
      ? [`Of these, ${renderCount(accepted)} ${were(accepted)} accepted as they are: they stay out.`]
      : []),
    ...(excluded > 0n
      ? [`${renderRows(excluded, 'source row')} ${were(excluded)} excluded by the migration's own condition.`]
      : []),
    ...(unread > 0n ? [`${renderRows(unread, 'source row')} ${were(unread)} not carried yet.`] : []),
    ...(uncounted > 0 ? [renderUncounted(uncounted)] : []),
  ]
}

function were(rows: bigint): string {
  return rows === 1n ? 'was' : 'were'
}

/** The largest causes by name, the others by their number. */
function listCauses(quarantine: readonly QuarantineGroup[]): string {
  const named = quarantine.slice(0, namedCauses)
  const more = quarantine.length - named.length
  const causes = named.map(({ mapping, code, rows }) => `${renderCount(rows)} ${code} (${mapping})`).join(', ')
  return more === 0 ? causes : `${causes} and ${renderRows(BigInt(more), 'more cause')}`
}
