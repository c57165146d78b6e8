import { sql } from 'kysely'
import { compile } from '../../sql/compile.ts'
import type { Link } from '../conflicts/links.ts'
import { linksOf, reachedBy } from '../conflicts/links.ts'
import type { Way } from '../way.ts'

/**
 * Prints each foreign key by which rows refer to a target, or to rows that do, as `key`. One that is made after the
 * script is nothing that it knows of: it compares.
 */
export function referringQuery({ steps }: Pick<Way, 'steps'>): string {
  const targets = new Map(steps.map(({ target }) => [`${target.schema}.${target.name}`, target]))
  const names = [...targets.values()].map(({ schema, name }) => sql`(${sql.lit(schema)}, ${sql.lit(name)})`)
  return compile(
    sql`with recursive reached (relation) as (
  select c.oid
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where (n.nspname, c.relname) in (values ${sql.join(names)})
  union
  select next.relation
  from reached
  cross join lateral (
    select f.conrelid from pg_constraint as f where f.contype = 'f' and f.confrelid = reached.relation
    union all
    -- A key of a partition is declared on its parent, or the reverse.
    select i.inhparent from pg_inherits as i where i.inhrelid = reached.relation
    union all
    select i.inhrelid from pg_inherits as i where i.inhparent = reached.relation
  ) as next (relation)
)
select format('%I.%I: %I %s', n.nspname, c.relname, f.conname, pg_get_constraintdef(f.oid)) as key
from pg_constraint as f
join pg_class as c on c.oid = f.conrelid
join pg_namespace as n on n.oid = c.relnamespace
where f.contype = 'f' and f.conparentid = 0 and f.confrelid in (select relation from reached)
order by 1`.toOperationNode(),
  )
}

/** The links by which rows lead to the targets: those of {@link referringQuery}, and what no constraint declares. */
export function linksToTargets(way: Way): readonly Link[] {
  const links = linksOf(way)
  const reached = new Set(
    links
      .filter((link) => way.steps.some((step) => reachedBy(way, link, step) !== undefined))
      .map(({ parent }) => parent),
  )
  for (let size = -1; size < reached.size; ) {
    size = reached.size
    for (const { child, parent } of links) if (reached.has(parent)) reached.add(child)
  }
  return links.filter(({ parent }) => reached.has(parent))
}
