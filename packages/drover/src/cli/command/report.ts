import { extname } from 'node:path'
import { type Command, Option } from 'commander'
import { readReport } from '../../report/read.ts'
import { renderJson } from '../../report/render-json.ts'
import { renderJunit } from '../../report/render-junit.ts'
import { renderMarkdown } from '../../report/render-markdown.ts'
import type { Report } from '../../report/report.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import { runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { findNamedRun } from '../named-run.ts'
import { writeResult } from '../result.ts'

interface ReportFlags extends DatabaseFlags {
  readonly run?: string
  readonly out?: string
  readonly format?: keyof typeof renderers
}

const renderers = {
  json: renderJson,
  markdown: renderMarkdown,
  junit: (report: Report) => renderJunit({ name: `run ${report.run.id} of ${report.run.migration}`, ...report }),
} as const

/** `drover report`: what the ledger knows of a run. */
export function defineReport(command: Command, io: Io): void {
  command
    .description(
      'Writes the report of a run: its verdict, where every row went, quarantine and corrections by cause, findings, and what was not checked. Reads the ledger alone, and shows keys, never values.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to report on (default: the newest)', runNumber)
    .option('--out <file>', 'where to write (default: stdout)')
    .addOption(
      new Option(
        '--format <format>',
        'the form of the report (default: json for a file named .json, junit for .xml, else markdown)',
      ).choices(Object.keys(renderers)),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ drover report --out report.md
  $ drover report --run 7 --format json`,
    )
    .action(async (flags: ReportFlags) => {
      const db = await openNamed(flags, io)
      try {
        const report = await readReport(db, await findNamedRun(db, flags))
        await writeResult(io, renderers[formatOf(flags)](report), flags.out)
      } finally {
        await db.close()
      }
    })
}

const byExtension: Readonly<Record<string, keyof typeof renderers>> = { '.json': 'json', '.xml': 'junit' }

function formatOf({ format, out }: ReportFlags): keyof typeof renderers {
  if (format !== undefined) return format
  return byExtension[extname(out ?? '')] ?? 'markdown'
}
