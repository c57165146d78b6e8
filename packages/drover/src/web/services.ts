import type { Context } from 'hono'
import type { Transaction } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { findRun, type Run } from '../ledger/run.ts'
import { html } from '../report/html/markup.ts'
import type { Access } from './access.ts'
import type { Act, Acts } from './acts.ts'
import type { Live } from './live.ts'
import { renderAct } from './pages/acts.ts'
import { type Leaf, renderLeaf } from './pages/frame.ts'
import { type Parameters, parametersOf, requireRunNumber } from './parameters.ts'
import type { RunReader } from './run-view.ts'
import type { Site } from './site.ts'

/** What the routes of the page share. */
export interface Services {
  readonly site: Site
  readonly access: Access
  readonly acts: Acts
  readonly live: Live
  readonly reader: RunReader
}

/** What hono carries from the guard to a route. */
export interface PageEnv {
  readonly Variables: {
    /** The fields of a form that the guard has let pass. */
    form: URLSearchParams
  }
}

/** A request to the page, with what was found out about it. */
export type PageContext = Context<PageEnv>

/** How long a question of the page may take, in milliseconds: somebody waits for it. */
const questionMs = 60_000

/** What forms of the page carry; null where it only reads. */
export function formTokenOf({ site, access }: Pick<Services, 'site' | 'access'>): string | null {
  return site.allowsControl ? access.formToken : null
}

/** The run that an address names. Throws as {@link requireRunNumber}. */
export function runNumberOf(context: PageContext): string {
  return requireRunNumber(context.req.param('id') ?? '')
}

/** What an address asks for. */
export function queryOf(context: PageContext): Parameters {
  return parametersOf(new URL(context.req.url).searchParams)
}

/** What a form says. */
export function formOf(context: PageContext): Parameters {
  return parametersOf(context.get('form'))
}

/**
 * Reads of a run in one read-only transaction and one snapshot.
 *
 * @throws DroverError `ledger-missing` or `run-missing`.
 */
export function readOfRun<T>(site: Site, runId: string, read: (tx: Transaction, run: Run) => Promise<T>): Promise<T> {
  return site.db.transaction(
    async (tx) => {
      await requireLedger(tx)
      return read(tx, await findRun(tx, runId))
    },
    { readOnly: true, statementTimeoutMs: questionMs, settings: { transaction_isolation: 'repeatable read' } },
  )
}

/** Answers with a page; what was asked for before it, and came to it, stands at its head. */
export function show(
  context: PageContext,
  services: Services,
  leaf: Leaf,
  status: 200 | 400 | 404 | 409 | 500 | 503 = 200,
): Response | Promise<Response> {
  const { site } = services
  const act = namedAct(context, services, leaf.runId)
  const main = html`${act !== undefined && html`<div class="act">${renderAct(act)}</div>`}${leaf.main}`
  const around = { database: site.db.label, formToken: formTokenOf(services) }
  return context.html(renderLeaf(around, { ...leaf, main }), status)
}

function namedAct(context: PageContext, { acts }: Services, runId: string | undefined): Act | undefined {
  const id = Number(new URL(context.req.url).searchParams.get('act') ?? Number.NaN)
  return runId === undefined || !Number.isSafeInteger(id) ? undefined : acts.find(runId, id)
}

/** What is asked for by a form. */
export interface Asked {
  readonly runId: string
  /** As {@link Act.what}. */
  readonly what: string
  /** Returns what came of it, as a sentence. */
  readonly work: () => Promise<string>
  /** The page that is shown then, as far as it has come. */
  readonly back: () => string
}

/** Does what a form asks for, or begins it, and leads to a page that tells what came of it. */
export async function carryOut(context: PageContext, { acts }: Services, asked: Asked): Promise<Response> {
  const { id } = await acts.begin(asked.runId, asked.what, asked.work)
  const back = asked.back()
  return context.redirect(`${back}${back.includes('?') ? '&' : '?'}act=${id}`, 303)
}
