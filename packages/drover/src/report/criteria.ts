import type { Finding } from '../verify/verification.ts'
import { renderCount, renderRows } from './figures.ts'
import type { Coverage, Criterion } from './report.ts'
import { type VerdictBasis, verificationOf } from './verdict-basis.ts'

/** What a run is judged by, each with its answer, in order of weight. Pure. */
export function buildCriteria(basis: VerdictBasis): readonly Criterion[] {
  return [
    carriedOut(basis),
    accountedFor(basis),
    verified(basis),
    ...controlTotals(basis),
    nothingUndecided(basis),
    ...rebuilt(basis),
    sourceUnchanged(basis),
    reversible(basis),
  ]
}

/** How much of a run was looked at. Pure. */
export function buildCoverage({ mappings, findings }: Pick<VerdictBasis, 'mappings' | 'findings'>): Coverage {
  const count = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict).length
  const isCompared = (name: string) => {
    // Beside it there may be columns, or rows that were there before, that nobody compared: those are told by themselves.
    return findings.some(
      ({ check, mapping, verdict }) => check === 'row comparison' && mapping === name && verdict !== 'not run',
    )
  }
  return {
    passed: count('pass'),
    warned: count('warn'),
    failed: count('fail'),
    notRun: count('not run'),
    comparedMappings: mappings.filter(({ name }) => isCompared(name)).length,
    mappings: mappings.length,
  }
}

function carriedOut({ mappings }: VerdictBasis): Criterion {
  const open = mappings.filter(({ state }) => state !== 'done')
  return {
    name: 'Every mapping is carried out',
    holds: open.length === 0 ? 'yes' : 'no',
    detail: `${renderCount(mappings.length - open.length)} of ${renderCount(mappings.length)} are closed.`,
  }
}

function accountedFor({ mappings }: VerdictBasis): Criterion {
  const closed = mappings.filter(({ state }) => state === 'done')
  const unbalanced = closed.filter(({ balances }) => !balances)
  const rows = closed.reduce((sum, { sourceRows }) => sum + BigInt(sourceRows ?? 0), 0n)
  return {
    name: 'Every source row is accounted for',
    holds: unbalanced.length > 0 ? 'no' : closed.length < mappings.length ? 'unknown' : 'yes',
    detail:
      unbalanced.length > 0
        ? `The sums of ${unbalanced.map(({ name }) => name).join(', ')} do not add up.`
        : `Each of ${renderRows(rows, 'source row')}${closed.length < mappings.length ? ', of the mappings that are closed,' : ''} has one outcome.`,
  }
}

function verified(basis: VerdictBasis): Criterion {
  const verdict = verificationOf(basis)
  const { passed, warned, failed } = buildCoverage(basis)
  const [holds, detail] = {
    pass: ['yes', `${passed === 1 ? 'The one check' : `All ${renderCount(passed)} checks`} passed.`] as const,
    warn: ['yes', `${renderCount(passed)} checks passed, ${renderCount(warned)} warned, none failed.`] as const,
    fail: ['no', `${renderCount(failed)} of ${renderCount(passed + warned + failed)} checks failed.`] as const,
    'not run': [
      'unknown',
      basis.findings.length === 0 ? 'Nobody has verified it.' : 'It was changed since it was verified.',
    ] as const,
  }[verdict]
  return { name: 'It was verified', holds, detail }
}

function controlTotals({ controlTotals: totals }: VerdictBasis): readonly Criterion[] {
  if (totals.length === 0) return []
  const differing = totals.filter(({ verdict }) => verdict === 'fail')
  const unlooked = totals.filter(({ verdict }) => verdict === 'not run')
  return [
    {
      name: 'Control totals agree',
      holds: differing.length > 0 ? 'no' : unlooked.length > 0 ? 'unknown' : 'yes',
      detail:
        differing.length > 0
          ? `${differing.map(({ mapping, name }) => `${name} of ${mapping}`).join(', ')} differ.`
          : `${renderCount(totals.length - unlooked.length)} of ${renderCount(totals.length)} declared sums were compared and agree.`,
    },
  ]
}

function nothingUndecided({ mappings, quarantine }: VerdictBasis): Criterion {
  const rows = mappings.reduce((sum, { quarantined }) => sum + BigInt(quarantined), 0n)
  const accepted = quarantine.reduce((sum, group) => sum + BigInt(group.accepted), 0n)
  const isOver = mappings.every(({ state }) => state === 'done')
  return {
    name: 'No row waits for a decision',
    holds: rows > accepted ? 'no' : isOver ? 'yes' : 'unknown',
    detail:
      rows === 0n
        ? 'None was set aside.'
        : `${renderRows(rows, 'row')} set aside, ${accepted === 0n ? 'none' : renderCount(accepted)} of them accepted to stay out.`,
  }
}

function rebuilt({ rebuilds }: VerdictBasis): readonly Criterion[] {
  const off = rebuilds.filter(({ state, kind }) => state !== 'kept' && kind !== 'crosswalk' && kind !== 'statistics')
  if (off.length === 0) return []
  const done = off.filter(({ state }) => state === 'done')
  return [
    {
      name: 'Indexes and constraints are as before',
      holds: done.length === off.length ? 'yes' : 'no',
      detail: `${renderCount(done.length)} of ${renderCount(off.length)} that were taken off are made again.`,
    },
  ]
}

function sourceUnchanged({ findings }: VerdictBasis): Criterion {
  const finding = findings.find(({ check }) => check === 'frozen source')
  const holds = { pass: 'yes', warn: 'no', fail: 'no', 'not run': 'unknown' } as const
  return {
    name: 'The source stood still',
    holds: holds[finding?.verdict ?? 'not run'],
    detail: finding?.detail ?? 'Nobody has looked.',
  }
}

function reversible({ run, rollback }: VerdictBasis): Criterion {
  const name = 'It can be taken back'
  if (rollback !== null) {
    const isBack = run.state === 'rolled_back'
    return { name, holds: 'yes', detail: isBack ? 'It was taken back.' : 'It is being taken back.' }
  }
  return run.state === 'finalized'
    ? { name, holds: 'no', detail: 'It was finalized: what the way back needs was given up.' }
    : { name, holds: 'yes', detail: 'The ledger holds what the way back needs.' }
}
