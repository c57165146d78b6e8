import { type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Queryable } from '../db/connection.ts'
import { isFromBefore, isKnownOfAnother, isKnownOfRun } from '../plan/run-transactions.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifierOf, tableNode } from '../sql/nodes.ts'
import { namesOf, type TableSubject } from './check.ts'
import { crosswalkOf, isCarried } from './disposition.ts'
import { hasSameKey } from './same-key.ts'
import { checkStatement } from './violations.ts'

/** Rows of a target that no crosswalk leads to, by who wrote them. */
export interface NobodysRows {
  /** Certainly from before the run. */
  readonly before: bigint
  /** Since the run began, or from before and changed since; those of other runs are among them. */
  readonly since: bigint
  /** Another run of drover. */
  readonly another: bigint
  /** The run, or a trigger in one of its transactions. */
  readonly run: bigint
  /** Entries of the crosswalks for rows that were loaded. */
  readonly loaded: bigint
  /** Rows that mappings found in the target and matched: from before the run, and in a crosswalk. */
  readonly matched: bigint
  /** The lowest keys, a few of each writer, by column. */
  readonly keys: readonly { readonly writer: 'since' | 'run'; readonly key: Readonly<Record<string, string>> }[]
}

/** Keys of each writer that are named at most. */
const namedKeys = 5

/**
 * Counts the rows of a target that no crosswalk leads to, and names a few of those that the run or others have written
 * since.
 */
export async function readNobodysRows(tx: Queryable, subject: TableSubject): Promise<NobodysRows> {
  const { runId, mappings } = subject
  const key = mappings[0]!.targetKey
  const columns = sql.join(key.map((name) => columnOf('t', name)))
  const texts = sql.join(key.map((name) => sql`${sql.lit(name)}, ${columnOf('t', name)}::text`))
  const loaded = sql.join(
    mappings.map((mapping) => sql`select ${columns} from ${crosswalkOf(mapping)} as t where t.disposition = 'loaded'`),
    sql` union all `,
  )
  const matched = sql.join(
    mappings.map((mapping) => sql`select ${columns} from ${crosswalkOf(mapping)} as t where t.disposition = 'matched'`),
    sql` union `,
  )
  const rows = await tx.query(
    checkStatement(
      { runId, mapping: namesOf(subject), check: 'target rows' },
      sql`with nobody as materialized (
  select jsonb_build_object(${texts}) as key,
    ${writerOf(subject)} as writer
  ${fromNobody(subject)}
), named as (
  select writer, key, row_number() over (partition by writer order by key::text collate "C") as position
  from nobody
  where writer in ('since', 'run')
)
select writer, null::jsonb as key, count(*) as n, 0 as position
from nobody
group by writer
union all
select 'loaded', null, count(*), 0
from (${loaded}) as t
where num_nulls(${columns}) = 0
union all
select 'matched', null, count(*), 0
from (${matched}) as t
where ${isInNone(subject, sql`walked.disposition = 'loaded'`)}
union all
select writer, key, null, position
from named
where position <= ${sql.lit(namedKeys)}
order by position`,
    ),
    // The run is asked for by xmins alone.
    capabilitiesOf(subject.table).comparesVersions ? [runId] : [],
  )
  const count = (of: string) => BigInt((rows.find(({ writer, n }) => writer === of && n !== null)?.n as string) ?? 0)
  return {
    before: count('before'),
    since: count('since') + count('another'),
    another: count('another'),
    run: count('run'),
    loaded: count('loaded'),
    matched: count('matched'),
    keys: rows.filter(({ key }) => key !== null) as unknown as NobodysRows['keys'],
  }
}

/** Where no xmin tells, how many are from before is a matter of counts alone. */
function writerOf({ table }: TableSubject): RawBuilder<unknown> {
  if (!capabilitiesOf(table).comparesVersions) return sql`'since'`
  const xmin = columnOf('t', 'xmin')
  return sql`case
      when ${isKnownOfRun(xmin)} then 'run'
      when ${isFromBefore(xmin)} then 'before'
      when ${isKnownOfAnother(xmin)} then 'another'
      else 'since'
    end`
}

/** For people to run: these rows, with their values. */
export function nobodysQuery(subject: TableSubject): string {
  const version = capabilitiesOf(subject.table).comparesVersions ? sql`t.xmin, ` : sql``
  return compile(sql`select ${version}t.*\n${fromNobody(subject)}`.toOperationNode())
}

function fromNobody(subject: TableSubject): RawBuilder<unknown> {
  if (!capabilitiesOf(subject.table).comparesVersions) return fromUnmatched(subject)
  return sql`from ${expressionOf(tableNode(subject.table))} as t
  where ${isInNone(subject, isCarried(sql`walked.disposition`))}`
}

/** The same as a join: a cluster asks no question about the ledger for each row of a shard. */
function fromUnmatched({ plan, table, mappings }: TableSubject): RawBuilder<unknown> {
  const key = mappings[0]!.targetKey
  const walked = mappings.map(
    (
      mapping,
    ) => sql`select ${sql.join(mapping.targetKey.map((name, i) => sql`${columnOf('walked', name)} as ${identifierOf(key[i]!)}`))}
    from ${crosswalkOf(mapping)} as walked
    where ${isCarried(sql`walked.disposition`)}`,
  )
  return sql`from ${expressionOf(tableNode(table))} as t
  left join (
    ${sql.join(walked, sql`\n    union\n    `)}
  ) as carried on ${hasSameKey({ table, key, catalog: plan.catalog }, 'carried', 't')}
  where ${columnOf('carried', key[0]!)} is null`
}

/** Whether the key of `t` is that of no row, in any crosswalk, for which `condition` holds. */
function isInNone({ plan, table, mappings }: TableSubject, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql.join(
    mappings.map((mapping) => {
      const isSame = hasSameKey({ table, key: mapping.targetKey, catalog: plan.catalog }, 'walked', 't')
      return sql`not exists (select from ${crosswalkOf(mapping)} as walked where ${condition} and ${isSame})`
    }),
    sql` and `,
  )
}
