import { readFrozenTables } from '../ledger/freeze.ts'
import type { Check, RunSubject } from './check.ts'

/** The source stayed as it was from the first chunk to the last: writes were blocked, or would show in a digest. */
export const frozenSource: Check<RunSubject> = {
  name: 'frozen source',
  whenGone: 'fail',
  run: async (tx, { runId, plan }) => {
    const common = { check: 'frozen source', mapping: null } as const
    const { mode } = plan.freeze
    if (mode === 'none') {
      const detail = 'Whether the source changed during the run was not checked: the migration says freeze: none.'
      return [{ ...common, verdict: 'not run', expected: null, actual: null, detail }]
    }
    const tables = await readFrozenTables(tx, runId)
    const changed = tables.filter(({ digestBefore, digestAfter }) => digestBefore !== digestAfter)
    const names = changed.map(({ schema, name }) => `${schema}.${name}`).join(', ')
    const expected = `${tables.length} tables unchanged`
    if (changed.length > 0) {
      const detail = `Someone wrote to ${names} during the run: what was carried is neither the old state nor the new one.`
      return [{ ...common, verdict: 'fail', expected, actual: `${changed.length} changed: ${names}`, detail }]
    }
    const detail =
      mode === 'block'
        ? 'Writes to the tables that the run read were blocked from its first chunk to its last.'
        : 'The tables that the run read have the same digest after the last chunk as before the first.'
    return [{ ...common, verdict: 'pass', expected, actual: expected, detail }]
  },
}
