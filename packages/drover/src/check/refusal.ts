import type { Database } from '../db/connection.ts'
import { describeServerError, serverErrorOf } from '../db/server-error.ts'
import { runSetting } from '../define/declare-check.ts'
import type { CheckProbe } from '../plan/check-probes.ts'
import type { Foresight } from '../plan/foresee.ts'
import { lanes } from './lanes.ts'

/**
 * Has the server plan, and not run, what each mapping makes of its rows: an expression that cannot be right is refused
 * before a run begins. A sentence each, none where all can be planned. Of a mapping that depends on a refused one nothing
 * can be said, and where the role may not read or a table is locked the server is not asked.
 */
export async function findRefusals(db: Database, foresights: readonly Foresight[]): Promise<readonly string[]> {
  const refusals = new Map<string, string>()
  const waiting = foresights.values()
  let failed = false
  // To plan takes the server ten times as long as to be asked: a session each for two of its cores.
  const work = async () => {
    for (const { mapping, statement } of waiting) {
      if (failed) return
      const refusal = await askToPlan(db, mapping, statement)
      if (refusal !== undefined) refusals.set(mapping, refusal)
    }
  }
  const results = await Promise.allSettled(
    Array.from({ length: lanes }, () =>
      work().catch((thrown: unknown) => {
        failed = true
        throw thrown
      }),
    ),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return foresights
    .filter(({ mapping, ancestors }) => refusals.has(mapping) && !ancestors.some((ancestor) => refusals.has(ancestor)))
    .map(({ mapping }) => `mapping ${mapping}: the server refuses its expressions: ${refusals.get(mapping)}`)
}

/** The same of the statements of declared checks. */
export async function findCheckRefusals(db: Database, probes: readonly CheckProbe[]): Promise<readonly string[]> {
  const refusals = new Map<string, string>()
  for (const { check, statement } of probes) {
    if (refusals.has(check)) continue
    const refusal = await askToPlan(db, 'check', statement)
    if (refusal !== undefined) refusals.set(check, `check ${check}: the server refuses its query: ${refusal}`)
  }
  return [...refusals.values()]
}

/** A transaction each: an error ends the one that it occurs in. */
async function askToPlan(db: Database, what: string, statement: string): Promise<string | undefined> {
  const explain = `/* drover plan ${what} */ explain (costs off) ${statement}`
  // The planner may read the setting that holds the run. Nobody follows the plan: it need not be a good one.
  const settings = { [runSetting]: '0', join_collapse_limit: '1', max_parallel_workers_per_gather: '0' }
  return db
    .transaction((tx) => tx.query(explain), {
      readOnly: true,
      statementTimeoutMs: 60_000,
      lockTimeoutMs: 2000,
      settings,
    })
    .then(
      () => undefined,
      (thrown: unknown) => refusalOf(thrown, explain),
    )
}

/** Classes of what a statement itself is to blame for: data, also in its constants; what does not exist; limits. */
const refused = /^(0A|21|22|42|54)/

/** The role may not read, a lock or a timeout came first: that says nothing of the expressions. */
const unasked = new Set(['42501', '55P03', '57014'])

/** Undefined where the server did not come to judge the statement. */
function refusalOf(thrown: unknown, statement: string): string | undefined {
  const error = serverErrorOf(thrown)
  if (error !== undefined && unasked.has(error.sqlstate)) return undefined
  if (error === undefined || !refused.test(error.sqlstate)) throw thrown
  const place = placeOf(thrown, statement)
  return `${describeServerError(error)}.${place === undefined ? '' : ` It is in ${place}.`}${remedyOf(error.sqlstate)}`
}

/** The line that the server points into, or a part of it: SQL of the mapping, no value of a row. */
function placeOf(thrown: unknown, statement: string): string | undefined {
  const position = Number((thrown as { readonly position?: string }).position)
  if (!(position > 0)) return undefined
  // The server counts characters where JavaScript counts UTF-16 units.
  const characters = [...statement]
  const begin = characters.lastIndexOf('\n', position - 1) + 1
  const end = characters.indexOf('\n', position - 1)
  const line = characters.slice(begin, end < 0 ? undefined : end)
  if (line.length <= 100) return line.join('').trim().replace(/,$/, '')
  const from = Math.max(0, position - begin - 40)
  return `…${line.slice(from, from + 100).join('')}…`
}

function remedyOf(sqlstate: string): string {
  const isName = ['42883', '42P01', '42704'].includes(sqlstate)
  return isName ? ' If it lies outside pg_catalog, name it with its schema: public.f(x).' : ''
}
