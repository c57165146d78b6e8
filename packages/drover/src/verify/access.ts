import type { Queryable, Row } from '../db/connection.ts'
import { describeServerError } from '../db/server-error.ts'
import type { AccessPlan } from '../plan/declared-plan.ts'
import { type ActingSubject, type Actor, askAsEach, missingRole, notRun, readActors, refusedOwner } from './acting.ts'
import { type Check, counted, type DeclaredSubject } from './check.ts'
import { declaredStatement } from './declared.ts'
import { readStrays, type Stray } from './strays.ts'
import type { Tried } from './tried.ts'
import type { Finding } from './verification.ts'
import { wrongActors } from './wrong-actors.ts'

/** Actors, and rows of theirs, that a finding names at most. */
const named = 5

/** The rows that someone sees, or that are his: how many, and a digest of their keys. */
interface Rows {
  readonly n: bigint
  readonly digest: string
}

/** What one actor was answered, beside what is his. */
interface Account {
  readonly actor: Actor
  readonly seen: Tried<Rows>
  /** Undefined where no row is his. */
  readonly own: Rows | undefined
}

/** Whether each actor, asked as his role and with his claims, sees exactly what is his: all of them at one moment. */
export const access: Check<DeclaredSubject> = {
  name: 'access',
  whenGone: 'fail',
  refused: refusedOwner,
  run: async (tx, subject, { signal }) => {
    const acting = subject as ActingSubject<AccessPlan>
    const { name, visible } = acting.declared
    const actors = await readActors(tx, acting)
    if (actors.length === 0) return [notRun(name, `${name} was not asked: there is no actor.`)]
    const own = await readOwn(tx, acting)
    const missing = await missingRole(tx, acting)
    if (missing !== undefined) return [missing]
    const read = (rows: readonly Row[]) => readRows(rows[0]!)
    const seen = await askAsEach(tx, acting, actors, { statement: visible, read, signal })
    const accounts = actors.map((actor, i) => ({ actor, seen: seen[i]!, own: own.get(actor.key) }))
    const wrong = accounts.filter((account) => !isRight(acting.declared, account))
    if (wrong.length === 0) return [passed(acting.declared, accounts)]
    const faults: Fault[] = []
    const shown = wrong.slice(0, named)
    for (const account of shown) {
      // Of one actor five rows, of several fewer of each.
      faults.push(await readFault(tx, acting, account, Math.floor(named / shown.length), signal))
    }
    return [failed(acting.declared, accounts, wrong.length, faults)]
  },
}

async function readOwn(
  tx: Queryable,
  subject: ActingSubject<AccessPlan>,
): Promise<ReadonlyMap<string | null, Rows | undefined>> {
  const { expected } = subject.declared
  const rows = expected === null ? [] : await tx.query(declaredStatement(subject, expected))
  return new Map(rows.map((row) => [row.actor as string | null, readRows(row)]))
}

function readRows({ n, digest }: Row): Rows {
  return { n: BigInt(n as string), digest: digest as string }
}

function isRight({ outcome }: AccessPlan, { seen, own }: Account): boolean {
  if ('refused' in seen) return outcome === 'refused' && seen.refused.sqlstate === '42501'
  if (outcome === 'refused') return false
  return own === undefined ? seen.did.n === 0n : seen.did.n === own.n && seen.did.digest === own.digest
}

const meanings: Readonly<Record<AccessPlan['outcome'], string>> = {
  'own rows': 'each actor sees exactly the rows that are his',
  nothing: 'nobody sees a row',
  refused: 'the server refuses the question',
}

function passed(plan: AccessPlan, accounts: readonly Account[]): Finding {
  const expected = expectation(plan, accounts)
  const detail = `Asked as the role ${plan.role}, ${meanings[plan.outcome]}.`
  return { ...findingOf(plan, expected), verdict: 'pass', actual: expected, detail }
}

function failed(plan: AccessPlan, accounts: readonly Account[], wrong: number, faults: readonly Fault[]): Finding {
  const told = faults.map(({ account, text }) => ({ actor: account.actor.key, text }))
  return {
    ...findingOf(plan, expectation(plan, accounts)),
    verdict: 'fail',
    actual: plan.actors === null ? `the role ${faults[0]!.answer}` : `not so for ${wrong} of ${accounts.length}`,
    detail: `Asked as the role ${plan.role}: ${wrongActors(told, wrong)}.`,
    sample: faults.flatMap(({ account: { actor }, answer, strays }) => {
      const key = plan.actors === null ? {} : { actor: actor.key }
      if (strays.length === 0) return [{ key, fault: answer }]
      return strays.map((stray) => ({ key: { ...key, key: stray.key }, fault: strayFault(stray) }))
    }),
  }
}

function findingOf({ name }: AccessPlan, expected: string) {
  return { check: 'access', mapping: null, rule: name, expected } as const
}

/** `34 actors see their own 12345 rows`. */
function expectation({ outcome, actors }: AccessPlan, accounts: readonly Account[]): string {
  const isOne = accounts.length === 1
  const who = actors === null ? 'the role' : counted(accounts.length, 'actor')
  if (outcome === 'nothing') return `${who} ${isOne ? 'sees' : 'see'} nothing`
  if (outcome === 'refused') return `${who} ${isOne ? 'is' : 'are'} refused`
  const total = accounts.reduce((sum, { own }) => sum + (own?.n ?? 0n), 0n)
  return `${who} ${isOne ? 'sees its' : 'see their'} own ${counted(total, 'row')}`
}

/** What is wrong with the answer that one actor got. */
interface Fault {
  readonly account: Account
  /** In a word or two. */
  readonly answer: string
  /** Said of the actor: what follows his name. */
  readonly text: string
  readonly strays: readonly Stray[]
}

function strayFault({ isSeen }: Stray): string {
  return isSeen ? 'seen, and not his' : 'his, and not seen'
}

async function readFault(
  tx: Queryable,
  subject: ActingSubject<AccessPlan>,
  account: Account,
  limit: number,
  signal: AbortSignal,
): Promise<Fault> {
  const { actor, seen, own } = account
  if ('refused' in seen) {
    const answer = seen.refused.sqlstate === '42501' ? 'is refused' : 'gets an error'
    return { account, answer, text: `${answer}, ${describeServerError(seen.refused)}`, strays: [] }
  }
  const strays = await readStrays(tx, subject, actor, limit, signal)
  const answer = `sees ${counted(seen.did.n, 'row')}`
  const counts = subject.declared.outcome === 'own rows' ? `${answer} where ${own?.n ?? 0n} are his` : answer
  const lists = Map.groupBy(strays, strayFault)
  const text = [counts, ...[...lists].map(([fault, of]) => `${fault}: ${of.map(({ key }) => key).join(', ')}`)].join(
    '; ',
  )
  return { account, answer, text, strays }
}
