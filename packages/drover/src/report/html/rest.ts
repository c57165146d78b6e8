import type { Report } from '../report.ts'
import { renderCommand } from './code.ts'
import type { Html } from './markup.ts'

/** The command that shows what the page has no place for. */
export function restOf({ run }: Pick<Report, 'run'>): Html {
  return renderCommand(`drover report --run ${run.id} --format json`)
}
