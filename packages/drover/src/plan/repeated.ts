import { type RawBuilder, sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { expressionOf } from '../sql/nodes.ts'
import { groupValuesOf } from './late.ts'
import { readsOf, splitRead } from './lineage.ts'
import { drivingColumn, fromLines, hasPhysicalRows, type MappingParts } from './row.ts'
import { targetColumnsIn } from './timing.ts'
import { transformer } from './transform.ts'

/**
 * The rows whose identity occurs more than once, valid or not, by their physical place, or by their key where they have
 * none: only these can be merged, so that everything else about duplicates is asked of few rows. Null where rows that stand
 * alone matter too, or the identity cannot be hashed.
 *
 * What is hashed is what is compared: equal identities have equal hashes, and those that only their hash makes equal
 * are told apart by what reads the rows.
 */
export function repeatedRows(parts: MappingParts): RawBuilder<unknown> | null {
  const { mapping, source, target, context } = parts
  const { identity, match } = mapping
  if (identity === undefined || match !== undefined || source.driving.kind === 'query') return null
  if (!isHashable(parts, [identity.by, identity.when])) return null
  if (readsOf(mapping.key).some((read) => splitRead(read)[0] !== source.alias)) return null
  if ([...groupValuesOf(mapping.columns).values()].some(({ annotation }) => annotation.kind !== 'filled')) return null
  const transform = transformer(mapping, target, context, 'resolve')
  const by = identity.by.map((node) => expressionOf(transform.placeOnce(node)))
  const hash = sql`hash_record_extended(row(${sql.join(by)}), 0)`
  const when = identity.when && expressionOf(transform.placeOnce(identity.when))
  const of = hasPhysicalRows(source)
    ? expressionOf(drivingColumn(parts, 'ctid'))
    : sql`${expressionOf(transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode()))} collate "C"`
  const from = expressionOf(fromLines(parts, { transform }))
  const condition = when === undefined ? sql`` : sql`where ${when}`
  const inRepeated = (where: RawBuilder<unknown>) => sql`
        select place
        from (
          select ${of} as place, ${hash} as hash
          ${from}
          ${condition}
        ) as made
        where hash in (select hash from repeated${where})`
  // Most rows that occur more than once occur twice: these are known by the first look at the table.
  return sql`
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select ${of} as place, ${hash} as hash
          ${from}
          ${condition}
        ) as made
        group by hash
        having count(*) > 1
      )
      select first_place from repeated
      union all
      select last_place from repeated
      union all
      select place
      from (${inRepeated(sql` where rows > 2`)}
      ) as further
      where exists (select from repeated where rows > 2)`
}

/** Types whose values the server can hash as it compares them. */
const hashableTypes = new Set(
  'text varchar bpchar name char int2 int4 int8 numeric float4 float8 bool uuid date time timetz timestamp timestamptz interval bytea jsonb inet'.split(
    ' ',
  ),
)

function isHashable({ source, target }: MappingParts, nodes: unknown): boolean {
  const columns = readsOf(nodes).map((name) => {
    const [alias, column] = splitRead(name)
    return source.tables.get(alias)?.columns.find((each) => each.name === column)
  })
  const made = targetColumnsIn(nodes).flatMap((name) => target.columns.filter((each) => each.name === name))
  return [...columns, ...made].every(
    (column) => column !== undefined && (column.kind === 'enum' || hashableTypes.has(column.baseType)),
  )
}
