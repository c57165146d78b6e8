import type { Hono } from 'hono'
import { DroverError } from '../error.ts'
import { requireUnpurged } from '../ledger/purge.ts'
import type { Run } from '../ledger/run.ts'
import { fixableColumns } from '../repair/fixable.ts'
import { readQuarantineGroups } from '../repair/groups.ts'
import { type NamedRow, requireMapping } from '../repair/named-rows.ts'
import { readQuarantinePage } from '../repair/page.ts'
import { isRepairable } from '../repair/repairable.ts'
import { readQuarantinedRow } from '../repair/row.ts'
import { type QuarantineFilter, quarantineLeaf } from './pages/quarantine.ts'
import { rowLeaf } from './pages/row.ts'
import type { RowView } from './pages/row-view.ts'
import type { Parameters } from './parameters.ts'
import { formTokenOf, type PageEnv, queryOf, readOfRun, runNumberOf, type Services, show } from './services.ts'

/** Keys of a page. */
const pageRows = 50

/** Rows that were set aside: by cause, page by page, and one by one. */
export function addQuarantineRoutes(app: Hono<PageEnv>, services: Services): void {
  app.get('/runs/:id/quarantine', async (context) => {
    const filter = filterOf(queryOf(context))
    const { mapping, code, accepted, text, after } = filter
    const view = await readOfRun(services.site, runNumberOf(context), async (tx, run) => {
      await requireUnpurged(tx, run.id)
      requireMapping(run, mapping)
      const part = {
        after,
        limit: pageRows,
        keyHolds: text,
        isAccepted: accepted === undefined ? undefined : accepted === 'yes',
      }
      const selection = code === undefined ? {} : { codes: [code] }
      return {
        runId: run.id,
        mappings: run.plan.mappings.map(({ name }) => name),
        filter,
        groups: await readQuarantineGroups(tx, run, {}),
        page: mapping === undefined ? null : await readQuarantinePage(tx, run, { mapping, ...selection }, part),
        formToken: mendingTokenOf(services, run),
      }
    })
    return show(context, services, quarantineLeaf(view))
  })

  app.get('/runs/:id/quarantine/row', async (context) => {
    const query = queryOf(context)
    const row = { mapping: query.require('mapping'), key: query.require('key') }
    return show(context, services, rowLeaf(await readRowView(services, runNumberOf(context), row)))
  })
}

/**
 * All that is shown of a row.
 *
 * @throws DroverError `usage-invalid` where there is no such mapping, `row-missing`.
 */
export function readRowView(
  services: Services,
  runId: string,
  named: NamedRow,
  trial: Pick<RowView, 'entries' | 'tried' | 'refused'> = { entries: [], tried: null, refused: null },
): Promise<RowView> {
  const { site } = services
  return readOfRun(site, runId, async (tx, run) => {
    await requireUnpurged(tx, run.id)
    requireMapping(run, named.mapping)
    const row = await readQuarantinedRow(tx, run, named, site)
    if (row === undefined) throw rowMissing(runId, named)
    const fixable = fixableColumns(run.plan, named.mapping)
    return { runId, row, fixable, formToken: mendingTokenOf(services, run), ...trial }
  })
}

/** What forms carry that mend rows; null where the run is in a state in which none are. */
export function mendingTokenOf(services: Services, { state }: Run): string | null {
  return isRepairable(state) ? formTokenOf(services) : null
}

function filterOf(query: Parameters): QuarantineFilter {
  const accepted = query.optional('accepted')
  return {
    mapping: query.optional('mapping'),
    code: query.optional('code'),
    accepted: accepted === 'yes' || accepted === 'no' ? accepted : undefined,
    text: query.optional('text'),
    after: query.optional('after'),
  }
}

function rowMissing(runId: string, { mapping, key }: NamedRow): DroverError {
  return new DroverError('row-missing', `Run ${runId} has no quarantined row ${key}.`, {
    where: `mapping ${mapping}`,
    remedy: 'It may have been mended meanwhile. See the rows that are quarantined.',
  })
}
