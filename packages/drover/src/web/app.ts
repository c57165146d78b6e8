import { Hono } from 'hono'
import type { Access } from './access.ts'
import { createActs } from './acts.ts'
import { describeBug, failureOf } from './failure.ts'
import { requireForm, requireVisitor, withHeaders } from './guard.ts'
import { createLive, type Moment } from './live.ts'
import { errorLeaf, notFoundLeaf } from './pages/message.ts'
import { addMergeRoutes } from './routes-merges.ts'
import { addQuarantineRoutes } from './routes-quarantine.ts'
import { addRepairRoutes } from './routes-repair.ts'
import { addReportRoutes } from './routes-report.ts'
import { addRunRoutes } from './routes-run.ts'
import { momentOf, outageOf } from './run-moment.ts'
import { createRunReader } from './run-view.ts'
import { pageScript } from './script.ts'
import { formTokenOf, type PageEnv, type Services, show } from './services.ts'
import type { Site } from './site.ts'
import { pageStyle } from './style.ts'

/** The page, without the server that answers for it. */
export interface App {
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** What was asked for from the page and is not over, a sentence each. */
  underWay(): readonly string[]
}

/** The page as a function from requests to answers. */
export function buildApp(site: Site, access: Access): App {
  const acts = createActs(site.onBug)
  const reader = createRunReader(site.db)
  const formToken = formTokenOf({ site, access })
  const read = async (runId: string): Promise<Moment> => {
    try {
      return momentOf(await reader.read(runId), acts.of(runId), formToken)
    } catch (thrown) {
      const failure = failureOf(thrown)
      if (failure === undefined) site.onBug(thrown)
      return outageOf(failure ?? { status: 500, error: describeBug() })
    }
  }
  const services: Services = { site, access, acts, reader, live: createLive({ read }) }
  const app = new Hono<PageEnv>()
  app.use(withHeaders(), requireVisitor(access), requireForm(access, site.allowsControl))
  app.get('/page.css', (context) => context.body(pageStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/page.js', (context) => context.body(pageScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }))
  app.get('/favicon.ico', (context) => context.body(null, 204))
  addRunRoutes(app, services)
  addReportRoutes(app, services)
  addQuarantineRoutes(app, services)
  addRepairRoutes(app, services)
  addMergeRoutes(app, services)
  app.notFound((context) => show(context, services, notFoundLeaf(), 404))
  app.onError((thrown, context) => {
    const failure = failureOf(thrown)
    if (failure === undefined) site.onBug(thrown)
    const { status, error } = failure ?? { status: 500, error: describeBug() }
    return show(context, services, errorLeaf(error), status)
  })
  return { fetch: (request) => app.fetch(request), underWay: () => acts.underWay().map(({ what }) => what) }
}
