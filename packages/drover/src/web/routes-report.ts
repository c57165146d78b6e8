import type { Hono } from 'hono'
import { readReport } from '../report/read.ts'
import { renderHtml } from '../report/render-html.ts'
import { renderJson } from '../report/render-json.ts'
import { type PageEnv, runNumberOf, type Services } from './services.ts'

/** The report of a run, as it is now. */
export function addReportRoutes(app: Hono<PageEnv>, { site }: Services): void {
  app.get('/runs/:id/report', async (context) =>
    context.html(renderHtml(await readReport(site.db, runNumberOf(context)))),
  )

  app.get('/runs/:id/report.json', async (context) =>
    context.body(renderJson(await readReport(site.db, runNumberOf(context))), 200, {
      'Content-Type': 'application/json; charset=utf-8',
    }),
  )
}
