import type { Hono } from 'hono'
import { DroverError } from '../error.ts'
import type { Run } from '../ledger/run.ts'
import { acceptRows, type Decision } from '../repair/accept.ts'
import { readChanges } from '../repair/changes.ts'
import { tryFix } from '../repair/dry-run.ts'
import { fixRows } from '../repair/fix.ts'
import { type NamedRow, requireMapping } from '../repair/named-rows.ts'
import { retryRows } from '../repair/retry.ts'
import type { Selection } from '../repair/selection.ts'
import { showInvisible } from '../report/invisible.ts'
import { rowAddress, runAddress, withQuery } from './address.ts'
import { entriesOf, fixOf } from './entries.ts'
import { rowLeaf } from './pages/row.ts'
import type { Parameters } from './parameters.ts'
import { countsSentence, repairSentence } from './repair-words.ts'
import { readRowView } from './routes-quarantine.ts'
import {
  carryOut,
  formOf,
  type PageContext,
  type PageEnv,
  queryOf,
  readOfRun,
  runNumberOf,
  type Services,
  show,
} from './services.ts'

const row = '/runs/:id/quarantine/row'

/** What people do about quarantined rows: fixes are tried, stored, carried out; rows are accepted. */
export function addRepairRoutes(app: Hono<PageEnv>, services: Services): void {
  addFixRoutes(app, services)
  addDecisionRoutes(app, services)
  addSelectionRoutes(app, services)
}

/** Of one row: its fix is tried, stored, carried out. */
function addFixRoutes(app: Hono<PageEnv>, services: Services): void {
  const { site } = services

  app.post(`${row}/try`, async (context) => {
    const { run, named } = await readNamed(context, services)
    const entries = entriesOf(formOf(context))
    const fix = entries.length === 0 ? named : fixOf(named, entries)
    try {
      const tried = await tryFix(site.db, run.id, fix, await site.functionsOf(run))
      return show(
        context,
        services,
        rowLeaf(await readRowView(services, run.id, named, { entries, tried, refused: null })),
      )
    } catch (thrown) {
      // What was filled in stays there to be corrected.
      if (!(thrown instanceof DroverError) || thrown.code !== 'fix-refused') throw thrown
      const view = await readRowView(services, run.id, named, { entries, tried: null, refused: thrown })
      return show(context, services, rowLeaf(view), 400)
    }
  })

  app.post(`${row}/fix`, async (context) => {
    const { run, named } = await readNamed(context, services)
    const entries = entriesOf(formOf(context))
    return carryOut(context, services, {
      runId: run.id,
      what: `A fix of ${nameOf(named)} is stored.`,
      work: async () => ((await store(services, run, fixOf(named, entries))) ? 'It was not tried yet.' : unchanged),
      back: () => rowAddress(runAddress(run.id, 'quarantine/row'), named),
    })
  })

  app.post(`${row}/fix-and-retry`, async (context) => {
    const { run, named } = await readNamed(context, services)
    const entries = entriesOf(formOf(context))
    const { mapping, key } = named
    let isIn = false
    return carryOut(context, services, {
      runId: run.id,
      what: `${nameOf(named)} is tried again.`,
      work: async () => {
        const functions = await site.functionsOf(run)
        await store(services, run, fixOf(named, entries))
        const outcome = await retryRows(site.db, run.id, { mapping, keys: [key] }, functions)
        isIn = outcome.mappings.every((repair) => repair.mapping !== mapping || repair.quarantined === 0n)
        return repairSentence(outcome)
      },
      back: () =>
        isIn
          ? withQuery(runAddress(run.id, 'quarantine'), { mapping })
          : rowAddress(runAddress(run.id, 'quarantine/row'), named),
    })
  })
}

/** Of one row: it is accepted, or no longer. */
function addDecisionRoutes(app: Hono<PageEnv>, services: Services): void {
  const { site } = services
  const decideRow = (path: string, what: string, decisionOf: (form: Parameters) => Decision | null) =>
    app.post(`${row}/${path}`, async (context) => {
      const { run, named } = await readNamed(context, services)
      const decision = decisionOf(formOf(context))
      const { mapping, key } = named
      return carryOut(context, services, {
        runId: run.id,
        what: `${nameOf(named)} ${what}`,
        work: async () => countsSentence(await acceptRows(site.db, run.id, { mapping, keys: [key] }, decision)),
        back: () => rowAddress(runAddress(run.id, 'quarantine/row'), named),
      })
    })
  decideRow('accept', 'is accepted: it stays out.', (form) => ({ why: form.require('why') }))
  decideRow('unaccept', 'is not accepted any more.', () => null)
}

/** Of the rows that a filter means. */
function addSelectionRoutes(app: Hono<PageEnv>, services: Services): void {
  const { site } = services

  app.post('/runs/:id/quarantine/retry', async (context) => {
    const { run, selection, back } = await readSelected(context, services)
    return carryOut(context, services, {
      runId: run.id,
      what: `Rows of ${showInvisible(selection.mapping)} are tried again.`,
      work: async () => repairSentence(await retryRows(site.db, run.id, selection, await site.functionsOf(run))),
      back: () => back,
    })
  })

  app.post('/runs/:id/quarantine/accept', async (context) => {
    const { run, selection, back } = await readSelected(context, services)
    const decision = { why: formOf(context).require('why') }
    return carryOut(context, services, {
      runId: run.id,
      what: `Rows of ${showInvisible(selection.mapping)} are accepted: they stay out.`,
      work: async () => countsSentence(await acceptRows(site.db, run.id, selection, decision)),
      back: () => back,
    })
  })
}

const unchanged = 'The values are what they were: nothing was stored.'

function nameOf({ mapping, key }: NamedRow): string {
  return `Row ${showInvisible(key)} of ${showInvisible(mapping)}`
}

/** The run and the row that an address names. Whether the row is there is looked at by what is done with it. */
async function readNamed(context: PageContext, { site }: Services): Promise<{ run: Run; named: NamedRow }> {
  const query = queryOf(context)
  const named = { mapping: query.require('mapping'), key: query.require('key') }
  const run = await readOfRun(site, runNumberOf(context), async (_, found) => {
    requireMapping(found, named.mapping)
    return found
  })
  return { run, named }
}

/** The run and the rows of one mapping that an address names. */
async function readSelected(
  context: PageContext,
  { site }: Services,
): Promise<{ run: Run; selection: Selection & { readonly mapping: string }; back: string }> {
  const query = queryOf(context)
  const [mapping, code] = [query.require('mapping'), query.optional('code')]
  const run = await readOfRun(site, runNumberOf(context), async (_, found) => {
    requireMapping(found, mapping)
    return found
  })
  const selection = { mapping, ...(code === undefined ? {} : { codes: [code] }) }
  return { run, selection, back: withQuery(runAddress(run.id, 'quarantine'), { mapping, code }) }
}

/** Stores what of a fix changes anything; false where nothing does. */
async function store({ site }: Services, run: Run, fix: ReturnType<typeof fixOf>): Promise<boolean> {
  const changes = await readOfRun(site, run.id, (tx) => readChanges(tx, run, [fix]))
  if (changes.length > 0) await fixRows(site.db, run.id, changes)
  return changes.length > 0
}
