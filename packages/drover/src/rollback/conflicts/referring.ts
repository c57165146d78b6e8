import { type RawBuilder, sql } from 'kysely'
import { qualifiedName } from '../../catalog/catalog.ts'
import { ledgerTables } from '../../plan/plan.ts'
import { rowVersion } from '../../plan/run-transactions.ts'
import { columnOf, unmerged } from '../../sql/nodes.ts'
import { refersTo } from '../foreign-keys.ts'
import { isOwn } from '../own-rows.ts'
import { hasSameKey, isConflict, keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { isCompared } from './compared.ts'
import { emptyingKeys, type Link, reachedBy } from './links.ts'
import { isIn } from './query.ts'
import { hasRowKey, rowKey } from './row-key.ts'
import { isTakenBack } from './taken-back.ts'
import { removesRows } from './written.ts'

// Queries for rows that are not the run's and refer to rows that go. Each selects `row_key`, `version`, the row's xmin, and
// `refers_to`, the lowest of the rows to which it refers, as `schema.table key`.

/** Rows that refer to rows which a step has loaded, unless those stay; undefined where the link leads elsewhere. */
export function referringToLoaded(way: Way, link: Link, step: StepBack): RawBuilder<unknown> | undefined {
  const reached = reachedBy(way, link, step)
  if (reached === undefined || !removesRows(step)) return undefined
  const { mapping, target } = step
  return sql`select distinct on (1) ${rowKey(link.child, 'child')} as row_key, ${rowVersion(link.child, 'child')} as version,
    ${sql.lit(`${qualifiedName(target)} `)} || walked.row_key as refers_to
  from (
    select w.*, ${keyText(mapping, 'w')} as row_key
    from ${relation(ledgerTables.crosswalk(mapping.name))} as w
    where w.disposition = 'loaded' and not ${isTakenBack(mapping, 'remove', 'w')}
  ) as walked
  join ${relation(reached)} as t on ${hasSameKey(way.now, mapping, target, 't', 'walked')}
  join ${relation(link.key.child)} as child on ${refersTo(way.now, link.key, 'child', 't')}
  left join drover.conflict as c on ${isConflict(target, 'walked')}
  where c.decision is distinct from 'keep'${isNotOfRun(way, link)}
  order by 1, walked.row_key`
}

/** Which of the rows that were added go: all that are not kept, or, once that is decided, those that are discarded. */
export type Stage = 'found' | 'decided'

/** Rows that refer to rows which were added and go themselves. */
export function referringToAdded(way: Way, links: readonly Link[], link: Link, stage: Stage): RawBuilder<unknown> {
  const { parent } = link
  const goes = stage === 'found' ? sql`c.decision is distinct from 'keep'` : sql`c.decision = 'discard'`
  return sql`select distinct on (1) ${rowKey(link.child, 'child')} as row_key, ${rowVersion(link.child, 'child')} as version,
    ${sql.lit(`${qualifiedName(parent)} `)} || fallen.row_key as refers_to
  from (
    select c.row_key
    from drover.conflict as c
    where ${isIn(parent)} and c.kind = 'added' and ${goes}${isNotEmptied(links, link)}
    ${unmerged}
  ) as fallen
  join ${relation(link.key.parent)} as t on ${hasRowKey(way.now, parent, 't', sql`fallen.row_key`)}
  join ${relation(link.key.child)} as child on ${refersTo(way.now, link.key, 'child', 't')}
  where true${isNotOfRun(way, link)}
  order by 1, fallen.row_key`
}

/** The row that is referred to goes as a whole: one of which only the reference is emptied stays. */
function isNotEmptied(links: readonly Link[], { parent }: Link): RawBuilder<unknown> {
  const names = emptyingKeys(links, parent)
  if (names.length === 0) return sql``
  return sql` and (c.constraint_name is null or c.constraint_name not in (${sql.join(names.map((name) => sql.lit(name)))}))`
}

/**
 * A row of a target that the run has loaded goes, and another that has its key after it is gone is someone else's; one
 * that the run wrote, and of which an image is kept, is restored.
 */
function isNotOfRun({ now, steps }: Way, { child }: Link): RawBuilder<unknown> {
  const conditions = steps
    .filter(({ target }) => target === child)
    .flatMap((step) => {
      const { mapping, target } = step
      const isSame = hasSameKey(now, mapping, target, 'own', 'child')
      return [
        ...(removesRows(step)
          ? [
              sql` and not exists (
    select from ${relation(ledgerTables.crosswalk(mapping.name))} as own
    where own.disposition = 'loaded' and not ${isTakenBack(mapping, 'remove', 'own')} and ${isSame}
  )`,
            ]
          : []),
        ...(step.imageBlocks === null
          ? []
          : [
              sql` and not (${isCompared(step) ? sql`true` : isOwn(target, columnOf('child', 'xmin'))} and exists (
    select from ${relation(ledgerTables.images(mapping.name))} as own
    where ${isSame}
  ))`,
            ]),
      ]
    })
  return sql.join(conditions, sql``)
}
