import { sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, tableNode } from '../sql/nodes.ts'
import { withinAllowance } from './allowance.ts'
import { type Check, counted, type MappingSubject } from './check.ts'
import { carried, crosswalkOf, isCarried } from './disposition.ts'
import { hasSameKey, isComplete } from './same-key.ts'
import { listKeys, readViolations } from './violations.ts'

/**
 * Every target key of the crosswalk leads to a row of the target. The two were committed together (I1): a row that is gone
 * was deleted since, or got another key. A key that is missing is another check's matter.
 */
export const targetsExist: Check<MappingSubject> = {
  name: 'targets exist',
  whenGone: 'fail',
  run: async (tx, { runId, plan, mapping, table, tally }, { afterCutover }) => {
    const key = mapping.targetKey.map((name) => columnOf('walked', name))
    const isSame = hasSameKey({ table, key: mapping.targetKey, catalog: plan.catalog }, 'target', 'walked')
    const query = sql`  select walked.source_key as key
  from ${crosswalkOf(mapping)} as walked
  left join ${expressionOf(tableNode(table))} as target on ${isSame}
  where ${isCarried(sql`walked.disposition`)} and ${isComplete(key)} and ${columnOf('target', mapping.targetKey[0]!)} is null`
    const lost = await readViolations(tx, { runId, mapping: mapping.name, check: 'targets exist' }, query)
    const common = {
      check: 'targets exist',
      mapping: mapping.name,
      expected: '0 missing',
      actual: `${lost.count} missing`,
    } as const
    if (lost.count === 0n) {
      const detail = `Every row that was loaded, merged or matched leads to a row of ${mapping.target}.`
      return [{ ...common, verdict: 'pass', detail }]
    }
    const all = carried.reduce((sum, disposition) => sum + tally[disposition], 0n)
    const isAllowed = withinAllowance(plan.allow['targets exist'], lost.count, all)
    const detail = afterCutover
      ? `The application deleted rows of ${mapping.target} since the load, to which ${counted(lost.count, 'source row')} led: source keys ${listKeys(lost)}.`
      : `Rows of ${mapping.target} are gone: source keys ${listKeys(lost)}${isAllowed ? '; the migration allows that' : ''}.`
    return [
      {
        ...common,
        verdict: afterCutover || isAllowed ? 'warn' : 'fail',
        detail,
        sample: lost.keys.map((key) => ({ key: { key } })),
        query: compile(query.toOperationNode()),
      },
    ]
  },
}
