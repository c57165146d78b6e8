import type { Row } from '../db/connection.ts'
import { describeServerError } from '../db/server-error.ts'
import type { AttemptPlan } from '../plan/declared-plan.ts'
import { type ActingSubject, type Actor, askAsEach, missingRole, notRun, readActors, refusedOwner } from './acting.ts'
import { type Check, counted, type DeclaredSubject } from './check.ts'
import type { Tried } from './tried.ts'
import type { Finding } from './verification.ts'
import { wrongActors } from './wrong-actors.ts'

/** Actors that a finding names at most. */
const named = 5

/**
 * Whether writes that must not succeed do not: each is tried as its actor, in a savepoint of a transaction that is rolled
 * back. A write that fails by another rule than that of access, such as a foreign key (23503), was let through so far: it
 * counts as a fault. Of one that succeeds stays what no transaction takes back: a sequence does not go back.
 */
export const attempts: Check<DeclaredSubject> = {
  name: 'access',
  whenGone: 'fail',
  refused: refusedOwner,
  // A row that someone is changing is waited for; under one snapshot the write would fail instead.
  settings: { transaction_isolation: 'read committed' },
  run: async (tx, subject, { triesWrites, attempt, signal }) => {
    const acting = subject as ActingSubject<AttemptPlan>
    const { name, write } = acting.declared
    if (!triesWrites) return [notRun(name, `${name} was not tried: writes are tried only with --try-writes.`)]
    const actors = await readActors(tx, acting)
    if (actors.length === 0) return [notRun(name, `${name} was not tried: there is no actor.`)]
    const missing = await missingRole(tx, acting)
    if (missing !== undefined) return [missing]
    const read = (rows: readonly Row[]) => BigInt(rows[0]!.n as string)
    const outcomes = await attempt(async (writable) => {
      const outcomes: Tried<bigint>[] = []
      for (const actor of actors) {
        // Each by itself: what one has written must not stand in the way of the next.
        outcomes.push(...(await askAsEach(writable, acting, [actor], { statement: write, read, signal })))
      }
      return outcomes
    })
    return [judgeAttempts(acting.declared, actors, outcomes)]
  },
}

function judgeAttempts(plan: AttemptPlan, actors: readonly Actor[], outcomes: readonly Tried<bigint>[]): Finding {
  const wrong = actors.flatMap(({ key }, i) => {
    const fault = faultOf(plan, outcomes[i]!)
    return fault === undefined ? [] : [{ actor: key, text: fault }]
  })
  const expected = expectation(plan, actors.length)
  const finding = { check: 'access', mapping: null, rule: plan.name, expected } as const
  if (wrong.length === 0) {
    const meaning =
      plan.outcome === 'refused' ? 'the server refuses the write' : 'the write finds no row that it may touch'
    return { ...finding, verdict: 'pass', actual: expected, detail: `Tried as the role ${plan.role}, ${meaning}.` }
  }
  const shown = wrong.slice(0, named)
  return {
    ...finding,
    verdict: 'fail',
    actual: `not so for ${wrong.length} of ${actors.length}`,
    detail: `Tried as the role ${plan.role}: ${wrongActors(shown, wrong.length)}.`,
    sample: shown.map(({ actor, text }) => ({ key: { actor }, fault: text })),
  }
}

function expectation({ outcome }: AttemptPlan, actors: number): string {
  const isOne = actors === 1
  if (outcome === 'refused') return `${counted(actors, 'actor')} ${isOne ? 'is' : 'are'} refused`
  return `${counted(actors, 'actor')} ${isOne ? 'finds' : 'find'} no row to write`
}

/** What is wrong with the outcome of one attempt; undefined where nothing is. */
function faultOf({ outcome }: AttemptPlan, tried: Tried<bigint>): string | undefined {
  if ('did' in tried) {
    if (tried.did > 0n) return `wrote ${counted(tried.did, 'row')}`
    return outcome === 'no row' ? undefined : 'was not refused, and found no row to write'
  }
  if (tried.refused.sqlstate !== '42501') return `was refused for another reason, ${describeServerError(tried.refused)}`
  return outcome === 'refused' ? undefined : 'was refused, and did not look for a row'
}
