import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { anyValue, createMendingDatabase, neverShown } from '../repair/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { chromiumFile, chromiumMissing, openBrowser } from './chromium.ts'
import { turns } from './hostile.ts'
import { barriersOf, overflowsOf, takePicture, unfold } from './looks.ts'
import { type Looking, openPage } from './opened.ts'
import { serveDatabase } from './served.ts'

if (chromiumFile === undefined) console.log(chromiumMissing)

describe.skipIf(chromiumFile === undefined)('the page of a run that is loaded', { timeout: 300_000 }, () => {
  let browser: Browser
  let template: string
  let database: TestDatabase

  beforeAll(async () => {
    template = (await createMendingDatabase()).name
    browser = await openBrowser()
  })
  beforeEach(async () => {
    database = await createDatabase(template)
  })
  afterAll(() => browser?.close())

  /** Opens a page of run 1. */
  async function openPart(part: string, words: readonly string[], looking: Looking = {}) {
    const served = await serveDatabase(database, { words })
    const opened = await openPage(browser, looking)
    onTestFinished(async () => {
      await opened.context.close()
      await served.end()
    })
    await opened.page.goto(served.address)
    const open = (path: string) => opened.page.goto(new URL(`/runs/1${path}`, served.address).href)
    await open(part)
    return { ...opened, open }
  }

  /** Gives a column of a row another value. */
  async function enter(page: Page, column: string, value: string): Promise<void> {
    await page.getByRole('textbox', { name: `Value of ${column}` }).fill(value)
  }

  const textOf = async (page: Page) => (await page.locator('main').textContent()) ?? ''

  it('leads from a cause to a row, which is fixed, tried, and in', async () => {
    const { page, complaints } = await openPart('/quarantine', ['--allow-control'])
    await page.getByRole('combobox', { name: 'Mapping' }).selectOption('visits')
    await page.getByRole('combobox', { name: 'Code' }).selectOption('no-amount')
    await page.getByRole('searchbox', { name: 'Key holds' }).fill('v')
    await page.getByRole('button', { name: 'Show' }).click()
    const rows = page.getByRole('table', { name: 'Rows of visits' }).locator('tbody tr')
    expect(await rows.count()).toBe(1)
    expect(await page.getByRole('searchbox', { name: 'Key holds' }).inputValue()).toBe('v')
    await takePicture(page, 'live-quarantine-wide', 1200)
    await page.getByRole('link', { name: 'v3', exact: true }).click()
    expect(await textOf(page)).not.toMatch(anyValue)
    await enter(page, 'amount', '-12')
    await page.getByRole('button', { name: 'Dry run' }).click()
    expect(await textOf(page)).toMatch(/It would stay in quarantine\..*constraint not_negative/s)
    await takePicture(page, 'live-row-refused-wide', 1600)
    expect(await barriersOf(page)).toEqual([])
    expect(await page.getByRole('textbox', { name: 'Value of amount' }).inputValue()).toBe('-12')
    await enter(page, 'amount', '12')
    await page.getByRole('button', { name: 'Dry run' }).click()
    expect(await textOf(page)).toMatch(/It would be loaded\. Nothing was kept/)
    expect(await database.query(`select from new.visits where id = 'v3'`)).toEqual([])
    await page.getByRole('button', { name: 'Store and try again' }).click()
    await page.waitForURL('**/quarantine?mapping=visits**')
    expect(await textOf(page)).toMatch(/1 row .*loaded|loaded.*1/s)
    await page.getByRole('searchbox', { name: 'Key holds' }).fill('v3')
    await page.getByRole('button', { name: 'Show' }).click()
    expect(await textOf(page)).toContain('There is no such row.')
    expect(await database.query(`select amount from new.visits where id = 'v3'`)).toEqual([{ amount: '12.000000' }])
    expect(complaints).toEqual([])
  })

  it('does the same without scripts', async () => {
    const { page } = await openPart('/quarantine/row?mapping=people&key=p2', ['--allow-control'], {
      runsScripts: false,
      width: 400,
      scheme: 'dark',
    })
    await takePicture(page, 'live-row-dark-narrow', 2400)
    await page.getByRole('combobox', { name: 'What becomes of age' }).selectOption('text')
    await enter(page, 'age', '47')
    await page.getByRole('button', { name: 'Dry run' }).click()
    expect(await textOf(page)).toMatch(/It would be loaded/)
    await page.getByRole('button', { name: 'Store', exact: true }).click()
    await page.locator('.act', { hasText: 'A fix of Row p2 of people is stored.' }).waitFor()
    expect(await database.query(`select patch from drover.overlay`)).toEqual([{ patch: { age: '47' } }])
    await page
      .getByRole('button', { name: /try again/i })
      .last()
      .click()
    await page.waitForURL('**/quarantine?mapping=people**')
    expect(await database.query(`select age from new.people where id = 'p2'`)).toEqual([{ age: 47 }])
  })

  it('tells what is wrong with a fix', async () => {
    const { page } = await openPart('/quarantine/row?mapping=people&key=p4', ['--allow-control'])
    await enter(page, 'moved', 'Token')
    await page.getByRole('button', { name: 'Dry run' }).click()
    const told = await textOf(page)
    expect(told).toMatch(/does not take the value/)
    // What was filled in is there to be corrected, and nowhere else.
    expect(await page.getByRole('textbox', { name: 'Value of moved' }).inputValue()).toBe('Token')
    expect(told.replace('Token', '')).not.toMatch(neverShown)
  })

  const parts = [
    '',
    '/quarantine?mapping=people',
    '/quarantine/row?mapping=people&key=p3',
    '/merges?mapping=clinics',
    '/findings',
  ]

  it.each([
    ['light', 1280],
    ['dark', 400],
  ] as const)('has no barrier in any part: %s, %d pixels', async (scheme, width) => {
    const { page, open, complaints } = await openPart('', ['--allow-control'], { scheme, width })
    for (const part of parts) {
      await open(part)
      await unfold(page)
      expect([part, await barriersOf(page)]).toEqual([part, []])
      expect([part, await overflowsOf(page)]).toEqual([part, []])
      await takePicture(page, `live-part${part.replaceAll(/\W+/g, '-')}-${scheme}`, 1600)
    }
    await open('/report')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Run 1')
    expect(await overflowsOf(page)).toEqual([])
    await takePicture(page, `live-report-${scheme}`)
    expect(complaints).toEqual([])
  })

  it('is broken by no key and no code', async () => {
    const keys = [
      `<script>document.title='ran';alert('ran')</script>`,
      `"'><img src=x onerror=alert('ran')>`,
      'W'.repeat(2000),
      '\u202Eمرحبا بالعالم\u202C',
      `%2e%2e/../?key=x&mapping=y#z`,
      '',
    ]
    for (const key of keys) {
      await database.query(
        `insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
select run_id, mapping, $1, chunk, $2, jsonb_build_array(jsonb_build_object('code', $2::text, 'column', $1::text)), jsonb_build_object($1::text, $1::text)
from drover.quarantine where source_key = 'v3'`,
        [key, `code ${key}`],
      )
    }
    const { page, complaints } = await openPart('/quarantine?mapping=visits', ['--allow-control', '--show-values'])
    const links = page.getByRole('table', { name: 'Rows of visits' }).locator('tbody a')
    expect(await links.count()).toBeGreaterThan(keys.length)
    expect(await overflowsOf(page)).toEqual([])
    expect(await textOf(page)).not.toMatch(turns)
    await takePicture(page, 'live-hostile', 1600)
    for (const key of keys) {
      const address = `/runs/1/quarantine/row?mapping=visits&key=${encodeURIComponent(key)}`
      await page.goto(new URL(address, page.url()).href)
      expect(await textOf(page)).toContain('Why it was set aside')
      expect(await textOf(page)).not.toMatch(turns)
      expect(await overflowsOf(page)).toEqual([])
      expect(await page.title()).not.toBe('ran')
      expect(await page.locator('main script, main img').count()).toBe(0)
    }
    expect(complaints).toEqual([])
  })
})
