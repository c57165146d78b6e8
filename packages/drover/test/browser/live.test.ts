import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { allowed, type Calling, sourceDatabase, start } from '../cli/drover.ts'
import { connectTo } from '../support/connect.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { chromiumFile, chromiumMissing, openBrowser } from './chromium.ts'
import { barriersOf, overflowsOf, takePicture } from './looks.ts'
import { type Looking, openPage } from './opened.ts'
import { type ServeOptions, serveDatabase } from './served.ts'

if (chromiumFile === undefined) console.log(chromiumMissing)

/** A run in a process of its own, whose two workers stand still in the middle of a chunk until they are released. */
async function heldRun(): Promise<{ database: TestDatabase; run: Calling; release(): Promise<void> }> {
  const database = await sourceDatabase()
  const holder = connectTo(database.url)
  await holder.query(`set application_name = 'psql of somebody'; begin; lock table public.vals in share mode`)
  const run = start(['run', 'held.ts', ...allowed, '--chunk-rows', '50'], { database: database.url })
  const waiting = `select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%vals chunk%'`
  while ((await database.query(waiting))[0]?.n !== 2) await new Promise((resolve) => setTimeout(resolve, 20))
  return { database, run, release: () => holder.disconnect() }
}

// They wait for processes and clocks as often as they compute.
describe.skipIf(chromiumFile === undefined).concurrent('the page of a run that goes on', { timeout: 300_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  /** Opens the page of run 1 the way a person does: with the printed address, and by the list of runs. */
  async function openRun(
    { onTestFinished }: TestContext,
    database: TestDatabase,
    options: ServeOptions,
    looking: Looking = {},
  ) {
    const served = await serveDatabase(database, options)
    const opened = await openPage(browser, looking)
    onTestFinished(async () => {
      await opened.context.close()
      await served.end()
    })
    await opened.page.goto(served.address)
    expect(opened.page.url()).not.toContain('token')
    await opened.page.getByRole('link', { name: '1', exact: true }).click()
    await opened.page.waitForURL('**/runs/1')
    return { ...opened, served }
  }

  const tellsThatItIs = (page: Page, state: string) => page.locator('#live-state', { hasText: `is ${state}` }).waitFor()

  /** A second look at the same page, by the same person. */
  async function openAgain(context: BrowserContext, page: Page): Promise<Page> {
    const other = await context.newPage()
    await other.goto(page.url())
    return other
  }

  it('follows it; it is paused and resumed by button', async (test) => {
    const { database, run, release } = await heldRun()
    const { page, context, complaints } = await openRun(test, database, { words: ['--allow-control'] })
    await tellsThatItIs(page, 'running')
    await page.locator('#live-now', { hasText: 'at work' }).waitFor()
    await page.locator('#live-now', { hasText: 'psql of somebody' }).waitFor()
    await takePicture(page, 'live-running-wide')
    expect(await barriersOf(page)).toEqual([])
    // Whoever only looks on never loads the page again.
    await page.locator('html').evaluate((root) => {
      root.dataset.loaded = 'once'
    })
    await page.locator('#live-progress a').first().focus()
    const actor = await openAgain(context, page)
    await actor.getByRole('button', { name: 'Pause' }).click({ noWaitAfter: true })
    await tellsThatItIs(page, 'pausing')
    await release()
    await tellsThatItIs(page, 'paused')
    expect((await run.ended).exit).toBe(130)
    // The four clinics, and the two chunks that were under way.
    await page.locator('#live-progress tfoot', { hasText: '104 rows' }).waitFor()
    await actor.locator('#live-acts li', { hasText: 'The run is paused.' }).waitFor()
    await actor.getByRole('button', { name: 'Resume' }).click()
    await tellsThatItIs(page, 'loaded')
    await page.locator('#live-progress tfoot', { hasText: '1,004 rows' }).waitFor()
    expect(await page.locator('#live-progress tfoot').textContent()).toMatch(/1,004 rows.*753.*250/s)
    await takePicture(page, 'live-loaded-wide')
    expect(await page.locator('html').getAttribute('data-loaded')).toBe('once')
    expect(await page.locator('#live-progress a:focus').count()).toBe(1)
    expect(complaints).toEqual([])
  })

  it('shows a dead worker as dead, and starts others', async (test) => {
    const { database, run, release } = await heldRun()
    const { page, complaints } = await openRun(test, database, { words: ['--allow-control'] }, { scheme: 'dark' })
    await page.locator('#live-now', { hasText: 'at work' }).waitFor()
    run.process.kill('SIGKILL')
    await run.ended
    await release()
    // A process is taken for dead when it has said nothing for ten seconds.
    await page.locator('#live-now', { hasText: 'dead' }).waitFor()
    expect(await page.locator('#live-now').textContent()).not.toContain('at work')
    await takePicture(page, 'live-dead-dark')
    expect(await barriersOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Start workers' }).click()
    await tellsThatItIs(page, 'loaded')
    await page.locator('#live-progress tfoot', { hasText: '1,004 rows' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('goes on after the server was away', async (test) => {
    const { database, run, release } = await heldRun()
    const secret = 'a-secret-of-more-than-thirty-two-characters'
    const served = await serveDatabase(database, { secret })
    const { page, context } = await openPage(browser, { width: 400 })
    test.onTestFinished(() => context.close())
    await page.goto(served.address)
    await page.getByRole('link', { name: '1', exact: true }).click()
    const connection = page.locator('#connection')
    await connection.getByText('follows the run').waitFor()
    await takePicture(page, 'live-running-narrow')
    expect(await overflowsOf(page)).toEqual([])
    await served.kill()
    await connection.getByText('does not answer').waitFor()
    await takePicture(page, 'live-away-narrow', 900)
    // Then something else answers in its place for a while.
    await page.route('**/events', (route) => route.fulfill({ status: 503 }))
    await page.waitForResponse('**/events')
    await page.unroute('**/events')
    const again = await serveDatabase(database, { secret, words: ['--port', served.port] })
    test.onTestFinished(() => again.end())
    await connection.getByText('follows the run').waitFor()
    await release()
    await tellsThatItIs(page, 'loaded')
    expect((await run.ended).exit).toBe(3)
  })

  it('tells the state without scripts, and takes orders where they are allowed', async (test) => {
    const { database, run, release } = await heldRun()
    const readOnly = await openRun(test, database, {}, { runsScripts: false })
    await tellsThatItIs(readOnly.page, 'running')
    expect(await readOnly.page.locator('form').count()).toBe(0)
    const { page, complaints } = await openRun(test, database, { words: ['--allow-control'] }, { runsScripts: false })
    await page.getByRole('button', { name: 'Pause' }).click()
    await tellsThatItIs(page, 'pausing')
    await release()
    expect((await run.ended).exit).toBe(130)
    await page.getByRole('link', { name: 'Look again' }).click()
    await tellsThatItIs(page, 'paused')
    expect(complaints).toEqual([])
  })
})
