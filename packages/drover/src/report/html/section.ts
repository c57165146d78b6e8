import type { Report } from '../report.ts'
import type { Html } from './markup.ts'
import type { Space } from './space.ts'

/** A part of the report with a heading of its own. */
export interface Section {
  /** The anchor. */
  readonly id: string
  readonly title: string
  /** The bytes that are kept for it, whatever the sections before it hold. */
  readonly bytes: number
  /** What stands under its heading. */
  readonly render: (report: Report, space: Space) => Html
}
