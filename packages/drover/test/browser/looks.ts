import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

const pictures = fileURLToPath(new URL('../../../../test-results/browser/', import.meta.url))

/** Takes a picture of a page for people to look at: as much of it as `height` pixels show. */
export async function takePicture(page: Page, name: string, height = 2400): Promise<void> {
  await mkdir(pictures, { recursive: true })
  // A page behind another one is drawn late.
  await page.bringToFront()
  const { width } = page.viewportSize()!
  await page.setViewportSize({ width, height })
  await page.screenshot({ path: `${pictures}${name}.png`, animations: 'disabled' })
  await page.setViewportSize({ width, height: 900 })
}

/** What axe-core finds serious or critical, a line each: rule, and where. */
export async function barriersOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  // What is passed runs in the page, where axe is a global.
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))
}

/** The elements that reach beyond the page's right edge without a box of their own that scrolls. */
export function overflowsOf(page: Page): Promise<readonly string[]> {
  return page.locator('html').evaluate((root) => {
    const { body, defaultView } = root.ownerDocument
    const edge = root.clientWidth
    const scrolls = (element: typeof root): boolean =>
      /auto|scroll/.test(defaultView.getComputedStyle(element).overflowX) ||
      (element.parentElement !== null && element.parentElement !== body && scrolls(element.parentElement))
    const found = [...body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > edge + 1 && element.checkVisibility())
      .filter((element) => !scrolls(element))
      .map((element) => `${element.tagName} ${element.getAttribute('class')} ${element.textContent.slice(0, 40)}`)
    return root.scrollWidth > edge ? [`the page is ${root.scrollWidth} wide, its window ${edge}`, ...found] : found
  })
}

/** Opens all that is folded. */
export function unfold(page: Page): Promise<void> {
  return page.locator('details').evaluateAll((all) => {
    for (const each of all) each.open = true
  })
}
