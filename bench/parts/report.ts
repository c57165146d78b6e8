import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import { readReport } from '../../packages/drover/src/report/read.ts'
import { renderHtml } from '../../packages/drover/src/report/render-html.ts'
import { renderJson } from '../../packages/drover/src/report/render-json.ts'
import type { Report } from '../../packages/drover/src/report/report.ts'
import type { Measured, Variant } from '../harness/measure.ts'
import { medianOf } from '../harness/median.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { startServer } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { writeSyntheticLedger } from '../report/synthetic-ledger.ts'

/** Mappings of the run; the chunks are spread over them. */
const mappings = 1_000

const reading = 'read from the ledger'
const page = 'as HTML'

async function measureReport(settings: Settings): Promise<PartResult> {
  const { rows: chunks } = settings
  const server = await startServer()
  const db = await openDatabase(server.url)
  try {
    const runId = await writeSyntheticLedger(db, mappings, Math.round(chunks / mappings))
    await db.transaction((tx) => tx.query('analyze drover.chunk'))
    let report: Report | undefined
    let bytes = 0
    const read: Variant = {
      name: reading,
      run: async () => {
        report = await readReport(db, runId)
        return { peakBytes: process.resourceUsage().maxRSS * 1024 }
      },
    }
    const html: Variant = {
      name: page,
      run: async () => {
        bytes = Buffer.byteLength(renderHtml(report!))
        return undefined
      },
    }
    const json: Variant = {
      name: 'as JSON',
      run: async () => {
        renderJson(report!)
        return undefined
      },
    }
    const measured = await takeRounds([read, html, json], settings)
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: `the report of ${mappings} mappings and ${chunks.toLocaleString('en')} chunks`, measured }],
      claims: [
        { says: 'the report as HTML', value: secondsOf(measured, page), atMost: 2, unit: ' s' },
        { says: 'its size', value: bytes / 1_000_000, atMost: 2, unit: ' MB' },
        { says: 'what it takes to read it', value: secondsOf(measured, reading), unit: ' s' },
      ],
    }
  } finally {
    await db.close()
    await server.stop()
  }
}

function secondsOf(measured: readonly Measured[], name: string): number {
  return medianOf(measured.find((each) => each.name === name)?.seconds ?? [])
}

export default {
  about: 'the report of a synthetic run of 1,000 mappings: reading, rendering, size; rows: chunks',
  rows: { usual: 10_000_000, quick: 100_000 },
  measure: measureReport,
} satisfies Part
