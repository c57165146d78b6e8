import type { RunState } from '../ledger/state.ts'
import { renderRows } from './figures.ts'
import { beyondMending } from './quarantine-commands.ts'
import type { NextStep } from './report.ts'
import { type VerdictBasis, verificationOf } from './verdict-basis.ts'

/** What whoever reads the verdict asks next, with the command that does it; the most needful first. Pure. */
export function buildNextSteps(basis: VerdictBasis): readonly NextStep[] {
  const { run } = basis
  // Before a run is over, rows cannot be mended; when it is, nobody should go on without a look at them.
  return isOver(run.state)
    ? [...mend(basis), ...goOn(basis), ...goBack(run)]
    : [...goOn(basis), ...mend(basis), ...goBack(run)]
}

/** Loaded, and nothing else was done with it. */
function isOver(state: RunState): boolean {
  return state === 'loaded' || state === 'verified'
}

const questions = { on: 'How does it go on?', mend: 'How are rows mended?', back: 'How do I go back?' } as const

/** What takes a run further from its state. */
const further: Partial<
  Readonly<Record<RunState, { readonly answer: string; readonly command: (id: string) => string }>>
> = {
  planned: { answer: 'No worker has begun it.', command: (id) => `drover resume --run ${id}` },
  running: { answer: 'It is under way.', command: (id) => `drover status --run ${id}` },
  pausing: { answer: 'It pauses as soon as its chunks are done.', command: (id) => `drover status --run ${id}` },
  paused: { answer: 'It is paused, and goes on where it stopped.', command: (id) => `drover resume --run ${id}` },
  cancelling: { answer: 'It ends as soon as its chunks are done.', command: (id) => `drover status --run ${id}` },
  failed: {
    answer: 'It stopped at an error. Mend what the issues name; it goes on where it stopped.',
    command: (id) => `drover resume --run ${id}`,
  },
  repairing: { answer: 'Rows are being mended.', command: (id) => `drover status --run ${id}` },
  rolling_back: { answer: 'It is being taken back.', command: (id) => `drover rollback --run ${id}` },
}

function goOn(basis: VerdictBasis): readonly NextStep[] {
  const { id, state } = basis.run
  const known = further[state]
  if (known !== undefined) return [{ question: questions.on, answer: known.answer, command: known.command(id) }]
  if (!isOver(state)) return []
  const verification = verificationOf(basis)
  const [answer, command] = {
    pass: [
      'Nothing is in its way. Once nobody needs the way back any more, finalize gives it up.',
      'finalize',
    ] as const,
    warn: [
      'No check failed; read the warnings. Once nobody needs the way back any more, finalize gives it up.',
      'finalize',
    ] as const,
    fail: ['See what failed below, mend it or go back, and verify again.', 'verify'] as const,
    'not run': ['Verify it before anybody relies on it.', 'verify'] as const,
  }[verification]
  return [{ question: questions.on, answer, command: `drover ${command} --run ${id}` }]
}

function mend({ run: { id, state }, quarantine }: VerdictBasis): readonly NextStep[] {
  const waiting = quarantine.reduce((sum, { rows, accepted }) => sum + BigInt(rows) - BigInt(accepted), 0n)
  if (waiting === 0n || beyondMending.includes(state)) return []
  const answer = `${renderRows(waiting, 'row')} ${waiting === 1n ? 'waits' : 'wait'} in quarantine.`
  return isOver(state)
    ? [
        {
          question: questions.mend,
          answer: `${answer} See why, store better values, try them again; or accept that they stay out.`,
          command: `drover quarantine list --run ${id}`,
        },
      ]
    : [
        {
          question: questions.mend,
          answer: `${answer} They can be mended while a run is loaded or verified.`,
          command: null,
        },
      ]
}

function goBack({ id, state }: VerdictBasis['run']): readonly NextStep[] {
  const question = questions.back
  if (state === 'rolled_back') return [{ question, answer: 'It was taken back.', command: null }]
  if (state === 'rolling_back') return []
  if (state === 'finalized') {
    return [{ question, answer: 'The way back was given up when it was finalized.', command: null }]
  }
  return [
    {
      question,
      answer:
        'Everything that it wrote is taken back, and compared with the start. Rows that others changed since are listed first: nothing happens to them without a decision.',
      command: `drover rollback --run ${id}`,
    },
  ]
}
