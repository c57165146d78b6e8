import { type Combination, combinationsOf, type FaultPoint } from './points.ts'
import type { Standing } from './rollback-subject.ts'

/**
 * Who takes the run back: one who may act as a replica, or one who owns the tables, and on whom foreign keys are
 * enforced.
 */
export type Role = 'superuser' | 'owner'

/** What a rollback starts from. */
export interface World {
  readonly standing: Standing
  readonly role: Role
}

export const worlds: readonly World[] = [
  { standing: 'repaired', role: 'superuser' },
  { standing: 'failed', role: 'owner' },
  { standing: 'repaired', role: 'owner' },
  { standing: 'failed', role: 'superuser' },
]

export function nameOf({ standing, role }: World): string {
  return `${standing}, ${role}`
}

interface RollbackPoint extends FaultPoint {
  /** Where it is reached. Default everywhere. */
  readonly only?: Partial<World>
}

const begin = 'rollback begin'
const chunk = 'rollback chunk'
const restore = 'rollback restore'
const finish = 'rollback finish'

/** From the first transaction of a rollback to the last. */
export const rollbackPoints: readonly RollbackPoint[] = [
  { name: 'begin: run held', transaction: begin, moment: 'after', statement: 'for update' },
  { name: 'begin: conflicts found', transaction: begin, moment: 'after', statement: 'rollback conflicts', nth: 2 },
  { name: 'begin: row created', transaction: begin, moment: 'after', statement: 'insert into drover.rollback ' },
  { name: 'begin: trigger switched off', transaction: begin, moment: 'after', statement: 'disable trigger' },
  {
    name: 'begin: sequences marked',
    transaction: begin,
    moment: 'after',
    statement: 'update drover.moved_sequence',
    only: { standing: 'failed' },
  },
  { name: 'begin: chunks cut', transaction: begin, moment: 'after', statement: 'drover.rollback_chunk', nth: 2 },
  { name: 'begin: before commit', transaction: begin, moment: 'commit' },
  { name: 'begin: after commit', transaction: begin, moment: 'committed' },
  { name: 'discard: before commit', transaction: 'rollback discard', moment: 'commit' },
  { name: 'discard: after commit', transaction: 'rollback discard', moment: 'committed' },
  { name: 'chunk: locked', transaction: chunk, moment: 'after', statement: 'for update of chunk', nth: 3 },
  ...(['unlink', 'restore', 'remove'] as const).flatMap((kind): readonly RollbackPoint[] => {
    const only = kind === 'unlink' ? { role: 'owner' as const } : {}
    const statement = `rollback ${kind}`
    return [
      { name: `${kind}: before statement`, transaction: chunk, moment: 'before', statement, nth: 2, only },
      { name: `${kind}: after statement`, transaction: chunk, moment: 'after', statement, only },
      { name: `${kind}: before commit`, transaction: chunk, moment: 'commit', statement, nth: 2, only },
      { name: `${kind}: after commit`, transaction: chunk, moment: 'committed', statement, nth: 2, only },
    ]
  }),
  { name: 'remove: under the lock', transaction: chunk, moment: 'after', statement: 'for update of t' },
  { name: 'chunk: marked', transaction: chunk, moment: 'after', statement: 'update drover.rollback_chunk', nth: 4 },
  { name: 'objects: sequence set back', transaction: restore, moment: 'after', statement: 'pg_catalog.setval' },
  { name: 'objects: trigger switched on', transaction: restore, moment: 'after', statement: 'trigger "note_deletion"' },
  {
    name: 'objects: source let go',
    transaction: restore,
    moment: 'after',
    statement: 'drop trigger',
    only: { standing: 'failed' },
  },
  { name: 'objects: before commit', transaction: restore, moment: 'commit' },
  { name: 'objects: after commit', transaction: restore, moment: 'committed' },
  { name: 'finish: tables compared', transaction: finish, moment: 'after', statement: 'rollback fingerprint', nth: 2 },
  { name: 'finish: verdict written', transaction: finish, moment: 'after', statement: 'update drover.rollback' },
  { name: 'finish: before commit', transaction: finish, moment: 'commit' },
  { name: 'finish: after commit', transaction: finish, moment: 'committed' },
]

/**
 * Every fault at every point in two worlds that share nothing; in the others, those that nothing but the ledger
 * outlives.
 */
export function rollbackCombinations(world: World): readonly Combination[] {
  const reached = rollbackPoints.filter(
    ({ only = {} }) => (only.standing ?? world.standing) === world.standing && (only.role ?? world.role) === world.role,
  )
  const all = combinationsOf(reached)
  return worlds.indexOf(world) < 2 ? all : all.filter(({ fault }) => fault === 'kill')
}
