import { AssertionError } from 'node:assert'
import { renderStage } from '../cli/carry-out-rehearsal.ts'
import { remarkLines } from '../cli/verification-text.ts'
import type { DroverError } from '../error.ts'
import { differencesOf, expectationOf } from './differences.ts'
import type { Way } from './go-the-way.ts'

/** Why the way did not pass, with what was found and the keys of rows; undefined where it did. */
export function explainFailure(migration: string, way: Way): AssertionError | DroverError | undefined {
  if (way.thrown !== undefined) return way.thrown
  const failed = way.stages.find(({ verdict }) => verdict === 'fail')
  if (failed !== undefined) {
    const faults =
      failed.name === 'verification' ? way.report!.findings.filter(({ verdict }) => verdict === 'fail') : []
    const shown = [...faults.flatMap(remarkLines), ...way.rows.map((line) => `  - ${line}`)]
    return assertion(`Migration ${migration} did not pass: ${failed.name}.`, [
      ...way.stages.map(renderStage),
      ...(shown.length === 0 ? [] : ['', ...shown]),
      ...(way.notes.length === 0 ? [] : ['', 'To know:', ...way.notes.map((note) => `  - ${note}`)]),
    ])
  }
  const lines = differencesOfRuns(way.outcomes)
  if (lines.length === 0) return undefined
  return assertion(`Migration ${migration} did not pass: the second run did something else than the first.`, lines)
}

function assertion(what: string, lines: readonly string[]): AssertionError {
  return new AssertionError({ message: [what, '', ...lines].join('\n'), operator: 'acceptance' })
}

function differencesOfRuns([first, second]: Way['outcomes']): readonly string[] {
  return Object.entries(first).flatMap(([mapping, outcome]) =>
    differencesOf(expectationOf(outcome), second[mapping]!).map((line) => `mapping ${mapping}, ${line}`),
  )
}
