import { sql } from 'kysely'
import { dispositions as known } from '../plan/disposition.ts'
import { type Check, judge, type MappingSubject } from './check.ts'
import { crosswalkOf, listCounts } from './disposition.ts'
import { checkStatement } from './violations.ts'

/** The crosswalk, counted by disposition, is what the chunks say they wrote. */
export const dispositions: Check<MappingSubject> = {
  name: 'dispositions',
  whenGone: 'fail',
  run: async (tx, { runId, mapping, tally }) => {
    const rows = await tx.query(
      checkStatement(
        { runId, mapping: mapping.name, check: 'dispositions' },
        sql`select disposition, count(*) as n
from ${crosswalkOf(mapping)}
group by disposition
order by disposition collate "C"`,
      ),
    )
    const counted = new Map(rows.map((row) => [row.disposition as string, BigInt(row.n as string)]))
    const count = (disposition: string) => counted.get(disposition) ?? 0n
    const unknown = [...counted.keys()].filter((disposition) => !known.some((name) => name === disposition))
    const actual = listCounts({
      loaded: count('loaded'),
      merged: count('merged'),
      matched: count('matched'),
      quarantined: count('quarantined'),
      excluded: count('excluded'),
    })
    return [
      judge({
        check: 'dispositions',
        mapping: mapping.name,
        expected: listCounts(tally),
        actual: [actual, ...unknown.map((disposition) => `${disposition} ${count(disposition)}`)].join(', '),
        equal: 'The crosswalk holds as many rows of each disposition as the chunks wrote.',
        unequal: 'The crosswalk does not hold the dispositions that the chunks wrote: it was changed since.',
      }),
    ]
  },
}
