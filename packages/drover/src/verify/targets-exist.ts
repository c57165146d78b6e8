import { sql } from 'kysely'
import { columnOf, expressionOf, tableNode } from '../sql/nodes.ts'
import { type Check, judge, type MappingSubject } from './check.ts'
import { crosswalkOf, isCarried } from './disposition.ts'
import { equals } from './equality.ts'
import { listKeys, readViolations } from './violations.ts'

/** Every target key of the crosswalk leads to a row of the target. A key that is missing is another check's matter. */
export const targetsExist: Check<MappingSubject> = {
  name: 'targets exist',
  whenGone: 'fail',
  run: async (tx, { runId, plan, mapping, table }) => {
    const key = sql.join(mapping.targetKey.map((name) => columnOf('walked', name)))
    const isSame = sql.join(
      mapping.targetKey.map((name) => {
        const column = table.columns.find((candidate) => candidate.name === name)!
        return equals(column, plan.catalog, columnOf('target', name), columnOf('walked', name))
      }),
      sql` and `,
    )
    const lost = await readViolations(
      tx,
      { runId, mapping: mapping.name, check: 'targets exist' },
      sql`  select walked.source_key as key
  from ${crosswalkOf(mapping)} as walked
  where ${isCarried(sql`walked.disposition`)} and num_nulls(${key}) = 0
    and not exists (select from ${expressionOf(tableNode(table))} as target where ${isSame})`,
    )
    return [
      judge({
        check: 'targets exist',
        mapping: mapping.name,
        expected: '0 missing',
        actual: `${lost.count} missing`,
        equal: `Every row that was loaded, merged or matched leads to a row of ${mapping.target}.`,
        unequal: `Rows of ${mapping.target} are gone: source keys ${listKeys(lost)}.`,
      }),
    ]
  },
}
