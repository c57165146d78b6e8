import type { Database } from '../db/connection.ts'
import { rollback } from '../rollback/rollback.ts'
import { type RunOptions, run } from '../run/run.ts'
import type { Prepared } from './prepare.ts'
import { fingerprintsOf, repeatableTargets } from './repeatable.ts'
import { differencesOf, type Snapshot, takeSnapshot } from './snapshot.ts'
import type { Stages } from './stages.ts'

/** Takes the run back, compares everything with the start, and runs once more, which has to give the same. */
export async function goBack(
  { act, note }: Stages,
  scratch: Database,
  { schemas, plan }: Pick<Prepared, 'schemas' | 'plan'>,
  { runId, start, run: runOptions }: { readonly runId: string; readonly start: Snapshot; readonly run: RunOptions },
): Promise<void> {
  const targets = repeatableTargets(plan)
  const loaded = await fingerprintsOf(scratch, targets)
  const { workers, signal } = runOptions
  const triggered = await act('rollback', async () => {
    const { verdict, findings, tallies } = await rollback(scratch, runId, {
      ...(workers === undefined ? {} : { workers }),
      ...(signal === undefined ? {} : { signal }),
    })
    const others = findings.filter((finding) => finding.verdict !== 'pass')
    note(...others.map(({ check, detail }) => `rollback, ${check}: ${detail}`))
    const rows = tallies.reduce((sum, { removed, restored }) => sum + removed + restored, 0n)
    return {
      value: others.filter(({ check }) => check === 'triggered rows').map(({ object }) => object),
      detail: `${rows} rows taken back`,
      ...(verdict === 'fail' ? { failure: 'tables differ from the start; see the notes' } : {}),
    }
  })
  await act('comparison', async () => {
    const { rows, others } = differencesOf(start, await takeSnapshot(scratch, schemas))
    const tables = rows.filter((table) => !triggered.includes(table)).map((table) => `the rows of ${table}`)
    const unexplained = [...tables, ...others]
    const exception = triggered.length === 0 ? '' : ', but for what triggers wrote'
    return {
      value: undefined,
      detail: `all ${start.tables.size} tables, ${start.sequences.size} sequences and their definitions are as they were${exception}`,
      ...(unexplained.length === 0 ? {} : { failure: `not as before the run: ${unexplained.join(', ')}` }),
    }
  })
  await act('run again', async () => {
    const { state } = await run(scratch, plan, runOptions)
    if (state !== 'loaded') return { value: undefined, detail: '', failure: `the run is ${state}` }
    const again = await fingerprintsOf(scratch, targets)
    const other = [...again].filter(([name, print]) => loaded.get(name) !== print).map(([name]) => name)
    return {
      value: undefined,
      detail: `the same rows in ${targets.length} tables`,
      ...(other.length === 0 ? {} : { failure: `other rows than the first time in ${other.join(', ')}` }),
    }
  })
}
