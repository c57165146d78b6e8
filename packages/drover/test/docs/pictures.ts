/**
 * Draws the pictures of the README anew: `npm run demo > out.txt 2>&1`, then `npm run docs:pictures -- out.txt`. Needs
 * Debian's chromium.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openBrowser } from '../browser/chromium.ts'

const root = join(import.meta.dirname, '../../../..')
const pictures = join(root, 'docs/pictures')
const report = join(root, '.drover/demo/report.html')

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name the file with the output of the demo.')
const browser = await openBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 }, colorScheme: 'light' })
  await page.goto(pathToFileURL(report).href)
  await page.screenshot({ path: join(pictures, 'report.png') })

  const terminal = await browser.newPage()
  await terminal.setContent(asTerminal(endOfRun(await readFile(file, 'utf8'))))
  await terminal.locator('pre').screenshot({ path: join(pictures, 'terminal.png') })
} finally {
  await browser.close()
}

/** The rehearsal, and the sums of the run. */
function endOfRun(output: string): string {
  const part = (from: string, to: string) => {
    const begin = output.indexOf(from)
    const end = output.indexOf(to, begin)
    if (begin < 0 || end < 0) throw new Error(`The output of the demo does not hold ${JSON.stringify(from)}.`)
    return output.slice(begin, end).trimEnd()
  }
  const rehearsal = part('$ drover rehearse', 'Wrote').replace(/ --out .*/, '')
  const call = part('$ drover run', '\nRun 1')
  const sums = part('Run 1 of dental-clinic is loaded', '\n$ drover verify')
  return [rehearsal, '', call, sums].join('\n')
}

function asTerminal(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const marked = escaped.replaceAll('✓', '<i>✓</i>').replace(/^\$ .*$/gm, '<b>$&</b>')
  return `<!doctype html><meta charset="utf-8"><style>
    pre { display: inline-block; margin: 0; padding: 20px 24px; background: #16181d; color: #d6d9df; font: 13px/1.45 'DejaVu Sans Mono', monospace }
    b { color: #fff } i { color: #6cc483; font-style: normal }
  </style><pre>${marked}</pre>`
}
