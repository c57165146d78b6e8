import { type RawBuilder, sql } from 'kysely'
import { type Check, counted, type MappingSubject } from './check.ts'
import { crosswalkOf, sumOf } from './disposition.ts'
import type { RowAccount } from './row-account.ts'
import { addAccounts } from './row-account.ts'
import { compareRows } from './row-look.ts'
import { judgeRows } from './row-verdict.ts'
import { rowsOfSlice } from './slices.ts'
import type { Finding } from './verification.ts'
import { checkStatement } from './violations.ts'

/**
 * Every row of the target is what its transform makes of the source, recomputed and compared column by column. What
 * differs was changed since the run, by a trigger or by someone, or should not have been written.
 *
 * A source that is gone warns: after the cutover the old tables may be dropped.
 */
export const rowComparison: Check<MappingSubject> = {
  name: 'row comparison',
  whenGone: 'warn',
  slices: async (tx, subject, sizes) => {
    const { runId, mapping, tally } = subject
    const rows = sumOf(tally)
    const rowsPerSlice = rowsOfSlice(rows, sizes)
    if (mapping.comparison === null || rows <= BigInt(rowsPerSlice)) return [subject]
    const nextBound = (condition: RawBuilder<unknown>) => sql`(
    select source_key
    from ${crosswalkOf(mapping)}${condition}
    order by source_key collate "C"
    offset ${sql.lit(rowsPerSlice)}
    limit 1
  )`
    const bounds = await tx.query(
      checkStatement(
        { runId, mapping: mapping.name, check: 'row comparison' },
        // From bound to bound along the primary key's index, and no further than the last one: to number all rows takes
        // thrice as long.
        sql`with recursive bound (number, source_key) as (
  select 1, ${nextBound(sql``)}
  union all
  select number + 1, ${nextBound(sql`\n    where source_key >= bound.source_key collate "C"`)}
  from bound
  where number < ${sql.lit(Math.ceil(Number(rows) / rowsPerSlice) - 1)}
)
select source_key
from bound
where source_key is not null
order by number`,
      ),
    )
    const ends = [null, ...bounds.map((row) => row.source_key as string), null]
    return ends.slice(1).map((upper, i) => ({ ...subject, slice: { lower: ends[i]!, upper } }))
  },
  run: async (tx, subject, context) => {
    const { mapping } = subject
    const { comparison } = mapping
    if (comparison === null) {
      return [
        unasked(
          mapping.name,
          `Rows that mapping ${mapping.name} evolves were not compared: what they were made from is gone.`,
        ),
      ]
    }
    const found: Compared = {
      ...unasked(mapping.name, `A part of mapping ${mapping.name} was compared.`),
      account: await compareRows(tx, subject, comparison, context),
    }
    return [found]
  },
  combine: (subject, found, { afterCutover }) => {
    const { mapping } = subject
    const all = found.flat()
    const accounts = all.flatMap((finding) => ('account' in finding ? [(finding as Compared).account] : []))
    // What could not be asked of one slice was not asked of the mapping.
    if (accounts.length < all.length) return all.filter((finding) => !('account' in finding)).slice(0, 1)
    const { columns, notCompared } = mapping.comparison!
    const expected = `${counted(subject.tally.loaded, 'loaded row')} equal in ${counted(columns.length, 'column')}`
    return [
      judgeRows(subject, addAccounts(accounts), { expected, afterCutover }),
      ...(notCompared.length === 0
        ? []
        : [
            unasked(
              mapping.name,
              `${notCompared.join(', ')} of mapping ${mapping.name} cannot be made again, and were not compared.`,
            ),
          ]),
      ...leftToOthers(subject),
    ]
  },
}

/** What the mapping did not make, so that nobody knows what it should be. */
function leftToOthers({ mapping, table, tally }: MappingSubject): readonly Finding[] {
  const unfilled = table.columns.filter(
    ({ name, generated }) =>
      generated === null &&
      !mapping.targetKey.includes(name) &&
      !mapping.columns.some((column) => column.name === name),
  )
  const names = unfilled.map(({ name }) => name).join(', ')
  const kept = mapping.traits.includes('update') ? 'what it does not update' : 'what they hold'
  return [
    ...(unfilled.length === 0
      ? []
      : [unasked(mapping.name, `Columns that mapping ${mapping.name} does not fill were not compared: ${names}.`)]),
    ...(tally.matched === 0n
      ? []
      : [
          unasked(
            mapping.name,
            `Existing rows that ${counted(tally.matched, 'source row')} of mapping ${mapping.name} matched: ${kept} was not compared.`,
          ),
        ]),
  ]
}

/** What a slice found, until the findings of all slices become one. */
interface Compared extends Finding {
  readonly account: RowAccount
}

function unasked(mapping: string, detail: string): Finding {
  return { check: 'row comparison', mapping, verdict: 'not run', expected: null, actual: null, detail }
}
