import { sql } from 'kysely'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { type Check, judge, type MappingSubject } from './check.ts'
import { crosswalkOf, isCarried } from './disposition.ts'
import { listKeys, readViolations } from './violations.ts'

/** A source row that was loaded, merged or matched has a target key in the crosswalk, and no other row has one. */
export const targetKeys: Check<MappingSubject> = {
  name: 'target keys',
  whenGone: 'fail',
  run: async (tx, { runId, mapping }) => {
    const key = sql.join(mapping.targetKey.map((name) => expressionOf(columnNode('walked', name))))
    const wanted = sql`case when ${isCarried(sql`walked.disposition`)} then ${sql.lit(mapping.targetKey.length)} else 0 end`
    const wrong = await readViolations(
      tx,
      { runId, mapping: mapping.name, check: 'target keys' },
      sql`  select walked.source_key as key
  from ${crosswalkOf(mapping)} as walked
  where num_nonnulls(${key}) <> ${wanted}`,
    )
    return [
      judge({
        check: 'target keys',
        mapping: mapping.name,
        expected: '0 wrong',
        actual: `${wrong.count} wrong`,
        equal: 'The rows that were loaded, merged or matched have a target key, and no others.',
        unequal: `Target keys are missing, or stand where they should not: source keys ${listKeys(wrong)}.`,
      }),
    ]
  },
}
