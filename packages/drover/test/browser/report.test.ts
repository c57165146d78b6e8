import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/report/render-html.ts'
import type { Report } from '../../src/report/report.ts'
import { sample } from '../report/sample.ts'
import { chromiumFile, chromiumMissing, openBrowser } from './chromium.ts'
import { hostileOf, turns, withCauses } from './hostile.ts'
import { barriersOf, overflowsOf, takePicture, unfold } from './looks.ts'
import { type Looking, type Opened, openPage } from './opened.ts'

if (chromiumFile === undefined) console.log(chromiumMissing)

/** With a table that is long enough to be filtered. */
const longer: Report = { ...sample, events: Array(20).fill(sample.events[0]) }

describe.skipIf(chromiumFile === undefined)('the report in a browser', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-report-'))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Opens a report from the disk. */
  async function openReport(report: Report, looking: Looking = {}): Promise<Opened & { readonly openedMs: number }> {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.html`)
    await writeFile(file, renderHtml(report))
    const opened = await openPage(browser, looking)
    const begun = performance.now()
    await opened.page.goto(pathToFileURL(file).href)
    // What is in a picture is there to be read.
    await opened.page.screenshot()
    return { ...opened, openedMs: performance.now() - begun }
  }

  /** What is written on a page, without what its script adds. */
  const textOf = (page: Page) =>
    page.locator('body').evaluate((element) => {
      const body = element.cloneNode(true)
      for (const added of body.querySelectorAll('.filter, .copy, script')) added.remove()
      return body.textContent as string
    })

  it('opens from the disk without an error, and asks nobody for anything', async () => {
    const { page, context, complaints, requests, openedMs } = await openReport(sample)
    console.log(`The sample report opens in ${Math.round(openedMs)} ms.`)
    expect(complaints).toEqual([])
    expect(requests).toEqual([page.url()])
    await context.close()
  })

  it('reads the same without scripts', async () => {
    const withScripts = await openReport(longer)
    const without = await openReport(longer, { runsScripts: false })
    expect(await withScripts.page.locator('.copy').count()).toBeGreaterThan(0)
    expect(await withScripts.page.locator('.filter').count()).toBeGreaterThan(0)
    expect(await without.page.locator('.copy, .filter').count()).toBe(0)
    expect(await textOf(without.page)).toBe(await textOf(withScripts.page))
    expect(without.complaints).toEqual([])
    await without.context.close()
    await withScripts.context.close()
  })

  it.each([
    ['light', 1280],
    ['dark', 400],
  ] as const)('has no barrier for anybody: %s, %d pixels', async (scheme, width) => {
    const { page, context, complaints } = await openReport(sample, { scheme, width })
    await takePicture(page, `report-${scheme}-${width}`)
    await unfold(page)
    expect(await barriersOf(page)).toEqual([])
    expect(await overflowsOf(page)).toEqual([])
    await page.setViewportSize({ width: 1680 - width, height: 900 })
    expect(await overflowsOf(page)).toEqual([])
    await takePicture(page, `report-${scheme}-${1680 - width}-unfolded`, 6000)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('leads around the table of contents, or through it', async () => {
    const { page, context } = await openReport(sample)
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').getAttribute('class')).toBe('skip')
    await takePicture(page, 'report-skip', 300)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    const link = page.locator('.contents a:focus')
    const [address, title] = [await link.getAttribute('href'), await link.textContent()]
    await page.keyboard.press('Enter')
    expect(page.url()).toContain(address)
    expect(await page.locator(`section${address} h2`).textContent()).toBe(title)
    await page.locator('.skip').focus()
    await page.keyboard.press('Enter')
    expect(await page.locator(':focus').getAttribute('id')).toBe('main')
    await context.close()
  })

  it('is read with the keyboard alone', async () => {
    const { page, context } = await openReport(longer, { width: 400 })
    const folded = page.locator('details.item').first()
    await folded.locator('summary').first().focus()
    await page.keyboard.press('Enter')
    expect(await folded.getAttribute('open')).toBe('')
    await page.keyboard.press('Enter')
    expect(await folded.getAttribute('open')).toBe(null)
    await page.goto(page.url())
    await unfold(page)
    const stops = page.locator('a[href], button, input, summary, [tabindex="0"]').filter({ visible: true })
    const count = await stops.evaluateAll((all) => {
      for (const stop of all) {
        stop.addEventListener('focus', () => {
          const { left, right } = stop.getBoundingClientRect()
          stop.dataset.reached = right > 0 && left < stop.ownerDocument.documentElement.clientWidth ? 'seen' : 'unseen'
        })
      }
      return all.length
    })
    for (let i = 0; i < count; i++) await page.keyboard.press('Tab')
    const missed = await stops.evaluateAll((all) =>
      all.filter(({ dataset }) => dataset.reached !== 'seen').map(({ outerHTML }) => outerHTML.slice(0, 100)),
    )
    expect(missed).toEqual([])
    expect(count).toBeGreaterThan(50)
    await context.close()
  })

  it('filters a table, and copies or selects a command', async () => {
    const { page, context, complaints } = await openReport(withCauses(sample, 40))
    const filter = page.getByRole('searchbox', { name: /quarantin|cause|set aside/i }).first()
    await filter.fill('no|clinic-39')
    const rows = filter.locator('xpath=ancestor::*[contains(@class,"filter")]/following-sibling::*[1]//tbody/tr')
    expect(await rows.filter({ visible: true }).count()).toBe(1)
    await filter.fill('')
    expect(await rows.filter({ visible: true }).count()).toBeGreaterThan(30)
    const copy = page.locator('button.copy').first()
    await copy.click()
    await page.locator('button.copy', { hasText: /Copied|Selected/ }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('prints on paper', async () => {
    const { page, context } = await openReport(sample, { scheme: 'dark' })
    const pdf = await page.pdf({ format: 'A4' })
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
    expect(pages).toBeGreaterThan(3)
    expect(pages).toBeLessThan(60)
    await page.emulateMedia({ media: 'print' })
    // A4, and a sheet as wide as a screen.
    for (const width of [720, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      const text = await page.locator('main').evaluate((main) => main.getBoundingClientRect().width)
      expect(text).toBeGreaterThan(width * 0.9)
    }
    await page.setViewportSize({ width: 720, height: 900 })
    // Dark paper drinks ink.
    const paper = await page
      .locator('body')
      .evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor)
    expect(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)']).toContain(paper)
    await takePicture(page, 'report-print')
    await context.close()
  })

  it.each([
    ['light', 1280],
    ['dark', 400],
  ] as const)('is broken by nothing that a database can hold: %s, %d pixels', async (scheme, width) => {
    const { page, context, complaints, requests, openedMs } = await openReport(withCauses(hostileOf(sample), 10_000), {
      scheme,
      width,
    })
    console.log(`A hostile report of 10,000 causes opens in ${Math.round(openedMs)} ms.`)
    await unfold(page)
    expect(complaints).toEqual([])
    expect(requests).toEqual([page.url()])
    expect(await page.title()).not.toBe('ran')
    expect(await page.locator('img, svg[onload], body > script ~ script').count()).toBe(0)
    expect(await page.locator('main').count()).toBe(1)
    expect(await textOf(page)).not.toMatch(turns)
    expect(await overflowsOf(page)).toEqual([])
    await takePicture(page, `report-hostile-${scheme}`)
    await context.close()
  })
})
