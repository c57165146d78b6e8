import type { Hono } from 'hono'
import { requireUnpurged } from '../ledger/purge.ts'
import { findMerged, readMergeGroup } from '../repair/merge-group.ts'
import { readGroupPage, readMergedMappings } from '../repair/merge-groups.ts'
import { requireMapping } from '../repair/named-rows.ts'
import { unmergeRow } from '../repair/unmerge.ts'
import { showInvisible } from '../report/invisible.ts'
import { runAddress, withQuery } from './address.ts'
import { mergeGroupLeaf } from './pages/merge-group.ts'
import { mergesLeaf } from './pages/merges.ts'
import { repairSentence } from './repair-words.ts'
import { mendingTokenOf } from './routes-quarantine.ts'
import { carryOut, type PageEnv, queryOf, readOfRun, runNumberOf, type Services, show } from './services.ts'

/** Groups of a page. */
const pageGroups = 50

/** Rows that were merged, and how a merge is taken back. */
export function addMergeRoutes(app: Hono<PageEnv>, services: Services): void {
  const { site } = services

  app.get('/runs/:id/merges', async (context) => {
    const query = queryOf(context)
    const [mapping, after] = [query.optional('mapping'), query.optional('after')]
    const view = await readOfRun(site, runNumberOf(context), async (tx, run) => {
      await requireUnpurged(tx, run.id)
      requireMapping(run, mapping)
      const mappings = await readMergedMappings(tx, run)
      if (mapping === undefined) return { runId: run.id, mappings, chosen: null }
      const page = await readGroupPage(tx, run, mapping, { after, limit: pageGroups })
      return { runId: run.id, mappings, chosen: { ...page, mapping, isFirst: after === undefined } }
    })
    return show(context, services, mergesLeaf(view))
  })

  app.get('/runs/:id/merges/group', async (context) => {
    const query = queryOf(context)
    const row = { mapping: query.require('mapping'), key: query.require('key') }
    const view = await readOfRun(site, runNumberOf(context), async (tx, run) => {
      await requireUnpurged(tx, run.id)
      await findMerged(tx, run, row)
      const group = await readMergeGroup(tx, run, row, site)
      return { runId: run.id, group, formToken: mendingTokenOf(services, run) }
    })
    return show(context, services, mergeGroupLeaf(view))
  })

  app.post('/runs/:id/merges/unmerge', async (context) => {
    const query = queryOf(context)
    const row = { mapping: query.require('mapping'), key: query.require('key') }
    const run = await readOfRun(site, runNumberOf(context), async (_, found) => {
      requireMapping(found, row.mapping)
      return found
    })
    return carryOut(context, services, {
      runId: run.id,
      what: `Row ${showInvisible(row.key)} of ${showInvisible(row.mapping)} becomes a row of its own.`,
      work: async () => repairSentence(await unmergeRow(site.db, run.id, row, await site.functionsOf(run))),
      back: () => withQuery(runAddress(run.id, 'merges'), { mapping: row.mapping }),
    })
  })
}
