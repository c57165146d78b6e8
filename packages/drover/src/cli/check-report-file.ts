import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DroverError } from '../error.ts'
import { checkAgainstLedger } from '../report/against-ledger.ts'
import { checkReport, type ReportCheck } from '../report/check-report.ts'
import { parseReport, type ReportFile } from '../report/report-file.ts'
import type { DatabaseFlags } from './database.ts'
import type { Io } from './io.ts'
import { readOfAnyRun, withDatabase } from './named-run.ts'
import { renderReportCheck } from './report-check-text.ts'

/** What a report is compared with. */
export interface CheckFlags extends DatabaseFlags {
  /** In hexadecimal. */
  readonly seal: string | undefined
  readonly againstLedger: boolean
}

/**
 * Checks a report that was written as JSON: by itself and, where that is asked, against the ledger.
 *
 * @throws DroverError `usage-invalid` where the file cannot be read or is no report; `ledger-missing`, `run-missing`.
 */
export async function checkReportFile(
  file: string,
  flags: CheckFlags,
  io: Io,
): Promise<{ readonly text: string; readonly agrees: boolean }> {
  const { report, repeats } = parseReport(await readText(file), file)
  const checks: ReportCheck[] = [fileCheck({ repeats }), ...checkReport(report, flags.seal)]
  if (flags.againstLedger) {
    const named = { ...flags, run: report.run.id }
    checks.push(
      ...(await withDatabase(named, io, (db) =>
        readOfAnyRun(db, named, (tx, run) => checkAgainstLedger(tx, run, report)),
      )),
    )
  }
  return {
    text: renderReportCheck(report, checks, flags),
    agrees: checks.every(({ differences }) => differences.length === 0),
  }
}

function fileCheck({ repeats }: Pick<ReportFile, 'repeats'>): ReportCheck {
  return {
    name: 'file',
    agreement: 'It is a report, and says everything once.',
    differences: repeats ? ['It says something twice: programs may read one or the other.'] : [],
  }
}

async function readText(file: string): Promise<string> {
  return readFile(resolve(file), 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    throw new DroverError('usage-invalid', 'The report could not be read.', {
      where: file,
      why: thrown.code,
      remedy: 'Give a file that drover report has written as JSON.',
    })
  })
}
