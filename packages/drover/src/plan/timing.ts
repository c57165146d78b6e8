import type { Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { annotationsIn } from '../sql/annotation.ts'
import { mergesRows } from './decided.ts'
import { ownedGuards } from './guards.ts'
import { groupValuesOf, isLate, readsDeferred, readsRandom } from './late.ts'
import type { TransformContext } from './transform.ts'

/** Complains of what is read before it is known. */
export function checkTiming(mapping: MappingDefinition, target: Table, context: TransformContext): void {
  const { key, where, identity, survivor, match, columns } = mapping
  const stated = [key, where, identity, survivor, match?.on, columns[mapping.targetKey]]
  const deciding = [stated, targetColumnsIn(stated).map((name) => columns[name])]
  if (isLate(deciding, 'resolve')) {
    context.complain(
      'the key, where, identity, survivor and match cannot read filled(), collect(), alike() or what compute makes: rows are told apart before those are known.',
    )
  }
  if (readsDeferred(deciding, context.deferred)) {
    context.complain(
      'the key, where, identity, survivor and match cannot read a reference that closes a circle: it is filled after the load.',
    )
  }
  const told = [key, where, identity, survivor, match?.on, mapping.compute?.reads]
  const decidedTwice = [
    told,
    ...[...targetColumnsIn(told), ...(mergesRows(mapping) ? (target.primaryKey ?? []) : [])].map(
      (name) => columns[name],
    ),
  ]
  if (readsRandom(decidedTwice)) {
    context.complain(
      'the key, where, identity, survivor, match, what compute reads and the id of merged rows cannot hold randomUuid(): it differs from statement to statement. Use derivedUuid() or uuidv7From().',
    )
  }
  const groupValues = [...groupValuesOf(columns).values()]
  if (mapping.kind === 'evolve' && groupValues.length > 0) {
    context.complain('filled(), collect() and alike() compare rows before the first chunk; rows that evolve are not.')
  } else if (identity === undefined && groupValues.some(({ annotation }) => annotation.kind !== 'alike')) {
    context.complain('filled() and collect() need an `identity`, which says what the rows of a group share.')
  }
  if (identity === undefined && survivor.length > 0) {
    context.complain(
      '`survivor` chooses among duplicates, and none are looked for. Say in `identity` which rows are the same.',
    )
  }
  for (const column of target.columns) {
    const node = columns[column.name]
    if (node === undefined || !readsDeferred(node, context.deferred)) continue
    const what = `column ${column.name} holds a reference that closes a circle and is filled after the load: it`
    if (column.notNull) context.complain(`${what} must be nullable in ${mapping.to}.`)
    if (isLate(node, 'compute')) context.complain(`${what} cannot read what compute makes.`)
    if (match?.update.includes(column.name)) context.complain(`${what} cannot be updated by match.`)
    if (mapping.kind === 'evolve') context.complain(`${what} cannot evolve.`)
    // Rows of the other mappings in the circle stand by then, and may refer to the row.
    const others = context.deferred.filter((name) => name !== mapping.name)
    const guards = ownedGuards([{ name: column.name, node }]).map(({ guard }) => guard)
    if (guards.some(({ outcome, when }) => outcome === 'quarantine' && readsDeferred(when, others))) {
      context.complain(`${what} cannot set the row aside; decide with orNull() or orElse().`)
    }
  }
}

/** The columns of the mapping's own target that expressions mention. */
export function targetColumnsIn(root: unknown): readonly string[] {
  return annotationsIn(root).flatMap((annotation) => (annotation.kind === 'target' ? annotation.column : []))
}
