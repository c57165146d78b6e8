import type { Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { describeSqlstate } from '../db/sqlstate.ts'
import type { ProbeAnswer, ProbeContext, ProbeFunction } from '../define/probe.ts'
import { type Check, type CheckContext, counted, type DeclaredSubject } from './check.ts'
import { interrupted } from './interrupted.ts'
import { readOnlyUrl } from './probe-url.ts'
import { tried } from './tried.ts'
import type { Finding } from './verification.ts'

/** Sentences of a probe that a finding lists at most. */
const listed = 5

/** What the functions of the migration file find, asking with the application's own client. */
export const probes: Check<DeclaredSubject> = {
  name: 'probes',
  whenGone: 'fail',
  run: async (tx, { runId, declared: { name } }, { probes, url, signal }) => {
    const ask = probes.get(name)
    if (ask === undefined) {
      return [notRun(name, `${name} was not asked: give the migration file, drover verify <file>.`)]
    }
    if (url === undefined) return [notRun(name, `${name} was not asked: there is no connection string to give it.`)]
    const answer = await answerOf(tx, ask, { url: readOnlyUrl(url), runId, signal })
    return 'thrown' in answer ? [failed(name, answer.thrown)] : judgeAnswer(name, answer.answer)
  },
}

type Asked = { readonly answer: unknown } | { readonly thrown: unknown }

async function answerOf(
  tx: Queryable,
  ask: ProbeFunction,
  context: Omit<ProbeContext, 'query'> & Pick<CheckContext, 'signal'>,
): Promise<Asked> {
  const { signal, runId } = context
  let isOver = false
  let last: Promise<unknown> = Promise.resolve()
  const query: ProbeContext['query'] = (text, values) => {
    if (isOver) return Promise.reject(new Error('The probe has ended: its transaction is gone.'))
    const rows = last.then(() => tx.query(text, values))
    last = rows.catch(() => {})
    return rows
  }
  const asked = (async () => ask({ ...context, query }))().then(
    (answer): Asked => ({ answer }),
    (thrown): Asked => ({ thrown }),
  )
  const ended = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(interrupted(runId)), { once: true, signal: ended.signal })
  })
  // The savepoint lets the transaction end well after a question that failed.
  const outcome = await tried(tx, async () => {
    if (signal.aborted) throw interrupted(runId)
    try {
      return await Promise.race([asked, aborted])
    } finally {
      isOver = true
      ended.abort()
      await last
    }
  })
  return 'did' in outcome ? outcome.did : { thrown: outcome.refused }
}

function judgeAnswer(name: string, answer: unknown): readonly Finding[] {
  if (!isAnswer(answer)) {
    const detail = `${name} gave no answer: a probe returns { asked, wrong }, a whole number and a list of sentences.`
    return [{ ...finding(name), verdict: 'fail', detail }]
  }
  const { asked, wrong, notAsked = [] } = answer
  const missing = notAsked.map((sentence) => notRun(name, sentence))
  if (asked === 0 && wrong.length === 0) {
    return missing.length > 0 ? missing : [notRun(name, `${name} asked nothing.`)]
  }
  const expected = `${counted(asked, 'question')} answered as before`
  if (wrong.length === 0) {
    const detail = `Asked with the application's own client, every question has the answer that it had.`
    return [{ ...finding(name), verdict: 'pass', expected, actual: expected, detail }, ...missing]
  }
  const more = wrong.length - listed
  const sentences = wrong.slice(0, listed).map((sentence) => sentence.replace(/[.]\s*$/, ''))
  const detail = `${sentences.join(' · ')}${more > 0 ? ` · and ${more} more` : ''}.`
  return [
    {
      ...finding(name),
      verdict: 'fail',
      expected,
      actual: `${counted(wrong.length, 'answer')} ${wrong.length === 1 ? 'is' : 'are'} wrong`,
      detail,
    },
    ...missing,
  ]
}

/** The types hold where the migration file is TypeScript. */
function isAnswer(answer: unknown): answer is ProbeAnswer {
  if (typeof answer !== 'object' || answer === null) return false
  const { asked, wrong, notAsked = [] } = answer as Partial<ProbeAnswer>
  const areTexts = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string')
  return Number.isSafeInteger(asked) && asked! >= 0 && areTexts(wrong) && areTexts(notAsked)
}

/** Of what was thrown its message is not told: it may hold values (I8). */
function failed(name: string, thrown: unknown): Finding {
  const kind =
    thrown instanceof Error && /^[A-Za-z]\w{0,59}$/.test(thrown.name) ? thrown.name : 'something that is no error'
  const sqlstate = sqlstateOf(thrown)
  const why = sqlstate === undefined ? '' : `, ${describeSqlstate(sqlstate)}`
  return { ...finding(name), verdict: 'fail', detail: `${name} could not be asked: it threw ${kind}${why}.` }
}

/** The SQLSTATE of an error, or of what caused it: query builders wrap the driver's errors. */
function sqlstateOf(thrown: unknown, depth = 0): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth > 5) return undefined
  return serverErrorOf(thrown)?.sqlstate ?? sqlstateOf((thrown as { readonly cause?: unknown }).cause, depth + 1)
}

function notRun(name: string, detail: string): Finding {
  return { ...finding(name), verdict: 'not run', detail }
}

function finding(name: string) {
  return { check: 'probes', mapping: null, rule: name, expected: null, actual: null } as const
}
