import type { Browser, BrowserContext, Page } from 'playwright-core'

/** How a page is looked at. */
export interface Looking {
  /** In CSS pixels. Default 1280. */
  readonly width?: number
  /** Default light. */
  readonly scheme?: 'light' | 'dark'
  /** Default true. */
  readonly runsScripts?: boolean
}

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console and of scripts, dialogs, requests that failed: what nobody should ever see. */
  readonly complaints: readonly string[]
  /** The address of every request. */
  readonly requests: readonly string[]
}

/** How long a page may take to become what a test waits for, in milliseconds: processes may have to start first. */
const patienceMs = 100_000

/** An empty page in a profile of its own, which notes what goes wrong in it. */
export async function openPage(browser: Browser, looking: Looking = {}): Promise<Opened> {
  const { width = 1280, scheme = 'light', runsScripts = true } = looking
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: runsScripts,
  })
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    const { url } = message.location()
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()} ${url}`)
  })
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => requests.push(request.url()))
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText
    // A stream ends so when its page is left.
    if (why !== 'net::ERR_ABORTED') complaints.push(`request: ${request.url()} ${why}`)
  })
  return { page, context, complaints, requests }
}
