import type { Database, Queryable } from '../db/connection.ts'
import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import { describeSqlstate } from '../db/sqlstate.ts'
import type { DroverError } from '../error.ts'
import type { CheckPlan } from '../plan/check.ts'
import type { Pass } from '../plan/foresee.ts'
import type { GuessedReference, GuessPlan } from '../plan/guessed.ts'
import { askAll } from './lanes.ts'
import { type Outlook, readRow } from './outlook.ts'
import { type Profile, readProfile } from './profile.ts'

/** What is wrong in the data, and what a run would do about it. Holds counts, keys and masks (I8). */
export interface Check {
  /** In the plan's order. */
  readonly mappings: readonly Outlook[]
  /** The tables of the source, in the order in which the mappings read them. */
  readonly profiles: readonly Profile[]
  /** References that no one declared and that lead nowhere in some row. */
  readonly guessed: readonly GuessedOrphans[]
  /** Mappings that are not foreseen, and why. */
  readonly leftOut: CheckPlan['leftOut']
}

/** Rows of a table whose column seems to refer to a row that is not there. */
export interface GuessedOrphans extends GuessedReference {
  readonly table: string
  readonly rows: bigint
  /** Of the table's primary key, the lowest few. */
  readonly keys: readonly string[]
}

/**
 * Asks everything, all of one moment, and writes nothing (I5). `onDone` hears of each question that is answered, by what
 * it was about.
 *
 * @throws DroverError `statement-failed` naming the mapping or table where a row raises an error that no guard foresees.
 */
export async function readCheck(
  db: Database,
  plan: CheckPlan,
  onDone: (what: string) => void = () => {},
): Promise<Check> {
  const outlooks = new Map<string, Outlook>()
  const profiles = new Map<string, Profile>()
  const guessed = new Map<string, readonly GuessedOrphans[]>()
  await askAll(db, [
    ...plan.passes.map((pass) => ({
      // What is foreseen takes ten times as long as a look at the table.
      weight: pass.weight * 10,
      ask: async (tx: Queryable) => {
        for (const outlook of await readPass(tx, pass)) outlooks.set(outlook.mapping, outlook)
        onDone(namesOf(pass.subjects))
      },
    })),
    ...plan.profiles.map((profile) => ({
      weight: profile.weight,
      ask: async (tx: Queryable) => {
        profiles.set(profile.table, await readProfile(tx, profile))
        onDone(profile.table)
      },
    })),
    ...plan.guesses.map((guess) => ({
      weight: guess.weight / 4,
      ask: async (tx: Queryable) => {
        guessed.set(guess.table, await readGuess(tx, guess))
      },
    })),
  ])
  return {
    mappings: plan.mappings.map((name) => outlooks.get(name)!),
    profiles: plan.profiles.map(({ table }) => profiles.get(table)!),
    guessed: plan.guesses.flatMap(({ table }) => guessed.get(table)!),
    leftOut: plan.leftOut,
  }
}

async function readPass(tx: Queryable, pass: Pass): Promise<readonly Outlook[]> {
  await tx.query('savepoint pass')
  try {
    return await askPass(tx, pass)
  } catch (thrown) {
    const error = serverErrorOf(thrown)
    if (error === undefined || !judging.test(error.sqlstate)) throw failed(thrown, pass)
    await tx.query('rollback to savepoint pass')
    const outlooks = await askPass(tx, pass.withoutRules()).catch((again) => {
      throw failed(again, pass)
    })
    const why = `the server cannot judge them (${describeSqlstate(error.sqlstate)}).`
    return outlooks.map((outlook, i) => {
      const { rules, target, notChecked } = pass.subjects[i]!
      return rules.length === 0
        ? outlook
        : { ...outlook, notChecked: [...notChecked, `The rules of ${target}: ${why}`] }
    })
  }
}

/** Classes of what a statement or the data under it is to blame for: a constraint that cannot be evaluated is one. */
const judging = /^(0A|21|22|25|2F|38|39|42|54|P0)/

async function askPass(tx: Queryable, { subjects, statement }: Pass): Promise<readonly Outlook[]> {
  const rows = await tx.query(`/* drover check ${namesOf(subjects)} */\n${statement}`)
  return subjects.map((subject, i) => readRow(subject, rows.find(({ position }) => (position ?? i) === i)!))
}

function failed(thrown: unknown, { subjects }: Pass): DroverError {
  const mapping = `${subjects.length === 1 ? 'mapping' : 'the mappings'} ${namesOf(subjects)}`
  const what = `What would become of the rows of ${mapping} cannot be told: one of them raises an error.`
  return asDroverError(thrown, 'statement-failed', what, mapping)
}

function namesOf(subjects: Pass['subjects']): string {
  return subjects.map(({ mapping }) => mapping).join(', ')
}

async function readGuess(
  tx: Queryable,
  { table, references, statement }: GuessPlan,
): Promise<readonly GuessedOrphans[]> {
  const [row] = await tx
    .query(`/* drover check references of ${table.replaceAll('*/', '')} */\n${statement}`)
    .catch((thrown) => {
      throw asDroverError(thrown, 'statement-failed', `The references of ${table} could not be followed.`, table)
    })
  return (row!.orphans as readonly string[])
    .map((text, i) => {
      const { n, keys } = JSON.parse(text) as { readonly n: string; readonly keys: readonly string[] | null }
      return { table, ...references[i]!, rows: BigInt(n), keys: keys ?? [] }
    })
    .filter(({ rows }) => rows > 0n)
}
