import type { Hono } from 'hono'
import { requireLedger } from '../ledger/install.ts'
import { readRecentRuns } from '../ledger/run.ts'
import { type RunState, stateWords } from '../ledger/state.ts'
import { cancelRun, pauseRun } from '../run/control.ts'
import { readFindings } from '../verify/findings.ts'
import { runAddress } from './address.ts'
import { eventStream } from './event-stream.ts'
import { findingsLeaf } from './pages/findings.ts'
import { runLeaf } from './pages/run.ts'
import { runsLeaf } from './pages/runs.ts'
import { momentOf } from './run-moment.ts'
import { carryOut, formTokenOf, type PageEnv, readOfRun, runNumberOf, type Services, show } from './services.ts'

/** Runs that the list shows. */
const listedRuns = 100

/** The list of runs, one run as it goes on, what its verification found; and how it is paused, resumed, and cancelled. */
export function addRunRoutes(app: Hono<PageEnv>, services: Services): void {
  const { site, acts, live, reader } = services

  app.get('/', async (context) => {
    const runs = await site.db.transaction(
      async (tx) => {
        await requireLedger(tx)
        return readRecentRuns(tx, listedRuns + 1)
      },
      { readOnly: true },
    )
    return show(context, services, runsLeaf(runs, listedRuns))
  })

  app.get('/runs/:id', async (context) => {
    const view = await reader.read(runNumberOf(context))
    return show(context, services, runLeaf(view, momentOf(view, acts.of(view.run.id), formTokenOf(services))))
  })

  app.get('/runs/:id/events', async (context) => {
    const { run } = await reader.read(runNumberOf(context))
    if (context.req.method === 'HEAD') return context.body(null)
    return context.body(eventStream(live, run.id), 200, { 'Content-Type': 'text/event-stream' })
  })

  app.get('/runs/:id/findings', async (context) => {
    const { id, findings } = await readOfRun(site, runNumberOf(context), async (tx, run) => ({
      id: run.id,
      findings: await readFindings(tx, run.id),
    }))
    return show(context, services, findingsLeaf(id, findings))
  })

  const stop = (path: 'pause' | 'cancel', what: string, work: (runId: string) => Promise<RunState>) =>
    app.post(`/runs/:id/${path}`, async (context) => {
      const { id: runId } = await readOfRun(site, runNumberOf(context), async (_, run) => run)
      return carryOut(context, services, {
        runId,
        what,
        work: async () => `The run is ${stateWords(await work(runId))}.`,
        back: () => runAddress(runId),
      })
    })
  stop('pause', 'The run is asked to pause.', (runId) => pauseRun(site.db, runId))
  stop('cancel', 'The run is asked to cancel.', (runId) => cancelRun(site.db, runId))

  app.post('/runs/:id/resume', async (context) => {
    const { id: runId } = await readOfRun(site, runNumberOf(context), async (_, run) => run)
    return carryOut(context, services, {
      runId,
      what: 'Workers are started.',
      work: () => site.start(runId),
      back: () => runAddress(runId),
    })
  })
}
