import { extname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DroverError } from '../../error.ts'
import { readReport } from '../../report/read.ts'
import { renderJson } from '../../report/render-json.ts'
import { renderJunit } from '../../report/render-junit.ts'
import { renderMarkdown } from '../../report/render-markdown.ts'
import type { Report } from '../../report/report.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { exitCodes } from '../exit.ts'
import { collectWhole, runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { findNamedRun, withDatabase } from '../named-run.ts'
import { writeResult } from '../result.ts'

interface ReportFlags extends DatabaseFlags {
  readonly run?: string
  readonly out?: readonly string[]
  readonly format?: Format
  readonly check?: string
  readonly seal?: string
  readonly againstLedger?: true
}

type Render = (report: Report) => string

/** Each gives what renders a report; what only one of them needs is loaded with it. */
const formats = {
  json: () => renderJson,
  markdown: () => renderMarkdown,
  html: async () => (await import('../../report/render-html.ts')).renderHtml,
  junit: () => (report) => renderJunit({ name: `run ${report.run.id} of ${report.run.migration}`, ...report }),
} as const satisfies Readonly<Record<string, () => Render | Promise<Render>>>

type Format = keyof typeof formats

/** `drover report`: what the ledger knows of a run, and whether a report still says what it did. */
export function defineReport(command: Command, io: Io): void {
  command
    .description(
      'Writes the report of a run: its verdict, where every row went, quarantine and corrections by cause, findings, and what was not checked. Reads the ledger alone, and shows keys, never values. With --check it reads a report that was written as JSON, and recomputes its sums, the chain of digests over the chunks, and its seal; a database is not needed for that.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to report on (default: the newest)', runNumber)
    .option(
      '--out <file>',
      'where to write; repeatable: the same report in several forms (default: stdout)',
      collectWhole,
    )
    .addOption(
      new Option(
        '--format <format>',
        'the form of the report (default: by the name of the file: .html, .json, .xml for junit, else markdown)',
      ).choices(Object.keys(formats)),
    )
    .addOption(
      new Option('--check <file>', 'check this report, written as JSON, instead of writing one').conflicts([
        'run',
        'out',
        'format',
      ]),
    )
    .option('--seal <digest>', 'for --check: the seal that drover report told when it wrote the report', digest)
    .option('--against-ledger', 'for --check: compare its chunks with those of the ledger as it is now, too')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, or the file agrees; 1 failed, 2 the call was wrong, or the file is no report, 4 something in it differs.

Examples:
  $ drover report --out report.html --out report.json
  $ drover report --run 7 --format json
  $ drover report --check report.json --seal sha256:5feceb66…`,
    )
    .action(async (flags: ReportFlags) => {
      const { check, seal, againstLedger } = flags
      if (check === undefined) {
        requireNothingToCheck(flags)
        return writeReport(flags, io)
      }
      const { checkReportFile } = await import('../check-report-file.ts')
      const { text, agrees } = await checkReportFile(
        check,
        { ...flags, seal, againstLedger: againstLedger ?? false },
        io,
      )
      await writeResult(io, text, undefined)
      io.finish(agrees ? exitCodes.done : exitCodes.verificationFailed)
    })
}

/** The seal is told apart from the report: kept elsewhere, it shows later whether the file is still the same. */
async function writeReport(flags: ReportFlags, io: Io): Promise<void> {
  const { out = [], format } = flags
  requireOneForm(out, format)
  const report = await withDatabase(flags, io, async (db) => readReport(db, await findNamedRun(db, flags)))
  for (const file of out.length === 0 ? [undefined] : out) {
    const render = await formats[format ?? formatOf(file)]()
    await writeResult(io, render(report), file)
  }
  io.stderr.write(`Seal sha256:${report.evidence.seal}\n`)
}

function requireOneForm(out: readonly string[], format: Format | undefined): void {
  if (out.length < 2 || format === undefined) return
  throw new DroverError('usage-invalid', '--format names one form, and --out several files.', {
    remedy: 'Leave --format out: the names of the files say what they are.',
  })
}

function requireNothingToCheck({ seal, againstLedger }: ReportFlags): void {
  if (seal === undefined && againstLedger === undefined) return
  throw new DroverError(
    'usage-invalid',
    `${seal === undefined ? '--against-ledger' : '--seal'} says how a report is checked.`,
    {
      remedy: 'Name the report too: --check report.json.',
    },
  )
}

function digest(value: string): string {
  const [, hex] = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(value.trim()) ?? []
  if (hex !== undefined) return hex.toLowerCase()
  throw new InvalidArgumentError('It must be the 64 digits of a SHA-256, as drover report tells them.')
}

const byExtension: Readonly<Record<string, Format>> = {
  '.json': 'json',
  '.xml': 'junit',
  '.html': 'html',
  '.htm': 'html',
}

function formatOf(file = ''): Format {
  return byExtension[extname(file).toLowerCase()] ?? 'markdown'
}
