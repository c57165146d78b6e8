import { describeServerError, type ServerError } from '../db/server-error.ts'
import { runSetting } from '../define/declare-check.ts'
import type { Allowance } from '../plan/plan.ts'
import { type Check, counted, type DeclaredSubject, gone } from './check.ts'
import type { CheckName, Finding, SampleRow, Verdict } from './verification.ts'
import { checkStatement, listKeys } from './violations.ts'

const checkOf = {
  assertion: 'business rules',
  parity: 'parity',
  access: 'access',
  attempt: 'access',
  probe: 'probes',
} as const satisfies Record<DeclaredSubject['declared']['kind'], CheckName>

/** A statement of a declared check, headed by what it belongs to. */
export function declaredStatement({ runId, declared }: DeclaredSubject, statement: string): string {
  // A name may hold what would end the comment.
  const mapping = declared.name.replaceAll('*/', '* /').replaceAll('/*', '/ *')
  return checkStatement({ runId, mapping, check: checkOf[declared.kind] }, statement)
}

/** A query for people: what reads the run from a setting has it set first. */
export function queryOfRun(runId: string, query: string): string {
  return query.includes(`current_setting('${runSetting}')`) ? `set ${runSetting} = '${runId}';\n${query}` : query
}

/** The keys of the first rows as a list: `k1, k2 and 3 more`; a key of several columns as `(k1, 2025)`. */
export function listRows(count: bigint, rows: readonly Pick<SampleRow, 'key' | 'fault'>[]): string {
  const keys = rows.map(({ key, fault }) => {
    const parts = Object.values(key).map((part) => part ?? 'null')
    const named = parts.length === 1 ? parts[0]! : `(${parts.join(', ')})`
    return fault === undefined ? named : `${named} (${fault})`
  })
  return listKeys({ count, keys })
}

/** What an allowance lets pass: `0 rows`, `at most 5 rows`, `at most 1% of 200 rows`. */
export function allowed(allowance: Allowance | null, of: bigint): string {
  if (allowance === null) return '0 rows'
  if ('rows' in allowance) return `at most ${counted(allowance.rows, 'row')}`
  return `at most ${allowance.percent}% of ${counted(of, 'row')}`
}

/**
 * The finding of a check whose statement the server refuses: of what the author wrote, or of a row that it reads, so that
 * nothing can be said of the rule. `whenGone` is the verdict where something that it reads is gone.
 */
export function refusedAs(
  check: Check<DeclaredSubject>['name'],
  whenGone: (subject: DeclaredSubject) => Verdict,
): (error: ServerError, subject: DeclaredSubject) => readonly Finding[] {
  return (error, subject) => {
    const isGone = gone.has(error.sqlstate)
    const why = isGone ? 'Something that the rule reads is gone' : 'The server refuses the query of the rule'
    return [
      {
        check,
        mapping: null,
        rule: subject.declared.name,
        verdict: isGone ? whenGone(subject) : 'fail',
        expected: null,
        actual: null,
        detail: `${why}: ${describeServerError(error)}.`,
      },
    ]
  }
}
