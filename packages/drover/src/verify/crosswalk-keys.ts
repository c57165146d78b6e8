import { sql } from 'kysely'
import { type Check, judge, type MappingSubject } from './check.ts'
import { crosswalkOf } from './disposition.ts'
import { listKeys, readViolations } from './violations.ts'

/** No source key stands in the crosswalk twice. Its primary key says so; this asks the rows. */
export const crosswalkKeys: Check<MappingSubject> = {
  name: 'crosswalk keys',
  whenGone: 'fail',
  run: async (tx, { runId, mapping }) => {
    const repeated = await readViolations(
      tx,
      { runId, mapping: mapping.name, check: 'crosswalk keys' },
      sql`  select source_key as key
  from ${crosswalkOf(mapping)}
  group by source_key
  having count(*) > 1`,
    )
    return [
      judge({
        check: 'crosswalk keys',
        mapping: mapping.name,
        expected: '0 repeated',
        actual: `${repeated.count} repeated`,
        equal: 'Every source key stands in the crosswalk once.',
        unequal: `Source keys stand in the crosswalk more than once: ${listKeys(repeated)}.`,
      }),
    ]
  },
}
