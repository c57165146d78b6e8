import type { RebuildPlan, RebuiltObject } from '../plan/rebuild-plan.ts'
import { block, comment, type Step } from './sql-blocks.ts'

/** What is taken off the targets that are empty, in the transaction that makes the run; foreign keys first. */
export function takeOffSteps(rebuilds: readonly RebuildPlan[]): readonly string[] {
  if (rebuilds.length === 0) return []
  const objects = rebuilds.flatMap(({ objects }) => objects).toReversed()
  const isForeignKey = ({ kind }: RebuiltObject) => kind === 'foreign key'
  const dropped = [...objects.filter(isForeignKey), ...objects.filter((object) => !isForeignKey(object))]
  return [
    comment([
      'Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table',
      'that holds rows stay.',
    ]),
    ...block(
      'take off',
      dropped.map(({ drop }): Step => [null, drop]),
    ),
  ]
}

/** What is unique on a target: before the mapping is closed, so that everything after it can rely on that. */
export function uniqueSteps(rebuilds: readonly RebuildPlan[], mapping: string): readonly string[] {
  const ofTable = rebuilds.find(({ mappings }) => mappings.at(-1) === mapping)
  return (ofTable?.objects ?? [])
    .filter(({ kind }) => kind === 'primary key' || kind === 'unique')
    .flatMap((object) => [
      ...block(`${object.name}`, [[null, object.build]]),
      ...object.violators.flatMap((violators) =>
        block(`${object.name}: where rows of ${violators.mapping} break it, these are moved, and it is made again`, [
          ['$2 here: the entry that adjusts the counts', violators.statement],
        ]),
      ),
    ])
}

/** The other indexes and what constraints are made of them; when everything is loaded, the foreign keys. */
export function rebuildSteps(rebuilds: readonly RebuildPlan[]): readonly string[] {
  const all = rebuilds.flatMap(({ objects }) => objects)
  const steps = (of: (object: RebuiltObject) => readonly (string | null)[], keys: boolean) =>
    all
      .filter(({ kind }) => (kind === 'foreign key') === keys)
      .flatMap((object) => of(object).map((statement): Step => [null, statement]))
  const indexes = [...steps(({ kind, build, attach }) => (kind === 'index' ? [build, ...attach] : attach), false)]
  const foreignKeys = [
    ...steps(({ build, attach }) => [build, ...attach], true),
    ...steps(({ validate }) => [validate], true),
  ]
  return [
    ...(indexes.length === 0
      ? []
      : [
          comment(['Indexes, as soon as the rows of their table are in. Each statement is a transaction.']),
          ...block('indexes', indexes),
        ]),
    ...(foreignKeys.length === 0
      ? []
      : [
          comment(['Foreign keys, when every mapping is closed. Each statement is a transaction.']),
          ...block('foreign keys', foreignKeys),
        ]),
  ]
}
