import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where Chromium is: where `CHROMIUM` says, or where Debian installs it. Undefined where there is none. */
export const chromiumFile = [process.env.CHROMIUM, '/usr/bin/chromium'].find(
  (file) => file !== undefined && existsSync(file),
)

/** Told once by each file whose tests are skipped for want of it. */
export const chromiumMissing =
  'Skipped: Chromium is not installed (apt-get install chromium), and CHROMIUM names no other one.'

export function openBrowser(): Promise<Browser> {
  // Its sandbox refuses root, and every page here is our own.
  return chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] })
}
