import type { Report } from '../report.ts'
import type { Html } from './markup.ts'
import { balanceSection } from './section/balance.ts'
import { beforeAfterSection } from './section/before-after.ts'
import { comparisonSection } from './section/comparison.ts'
import { controlTotalsSection } from './section/control-totals.ts'
import { correctionsSection } from './section/corrections.ts'
import { coursesSection } from './section/courses.ts'
import { dataQualitySection } from './section/data-quality.ts'
import { eventsSection } from './section/events.ts'
import { evidenceSection } from './section/evidence.ts'
import { findingsSection } from './section/findings.ts'
import { hazardsSection } from './section/hazards.ts'
import { issuesSection } from './section/issues.ts'
import { lineageSection } from './section/lineage.ts'
import { mergesSection } from './section/merges.ts'
import { notCheckedSection } from './section/not-checked.ts'
import { performanceSection } from './section/performance.ts'
import { quarantineSection } from './section/quarantine.ts'
import { rehearsalSection } from './section/rehearsal.ts'
import { reproduceSection } from './section/reproduce.ts'
import { rollbackSection } from './section/rollback.ts'
import { verdictSection } from './section/verdict.ts'
import type { Section } from './section.ts'
import { newSpace } from './space.ts'

/** The report from the first screen to the last. */
export const sections: readonly Section[] = [
  verdictSection,
  balanceSection,
  controlTotalsSection,
  quarantineSection,
  correctionsSection,
  mergesSection,
  findingsSection,
  coursesSection,
  beforeAfterSection,
  performanceSection,
  comparisonSection,
  dataQualitySection,
  rehearsalSection,
  rollbackSection,
  issuesSection,
  hazardsSection,
  eventsSection,
  lineageSection,
  notCheckedSection,
  reproduceSection,
  evidenceSection,
]

/** A section as it stands on the page. */
export interface RenderedSection {
  readonly id: string
  readonly title: string
  readonly content: Html
}

/** Bytes of all sections together: with the frame the page stays below 2 MB. */
export const mostBytes = 1_850_000

/**
 * Renders the sections in their order. Each has the bytes that are kept for it; what others leave of theirs is given to
 * those that could use more, the first ones first. So most runs show all that there is, and of the largest no section
 * is starved.
 */
export function renderSections(report: Report): readonly RenderedSection[] {
  const first = sections.map((section) => renderSection(report, section, section.bytes))
  let left = mostBytes - first.reduce((sum, { size }) => sum + size, 0)
  return sections.map((section, i) => {
    const wider = renderSection(report, section, Math.max(section.bytes, first[i]!.size + left))
    left -= wider.size - first[i]!.size
    return { id: section.id, title: section.title, content: wider.content }
  })
}

function renderSection(report: Report, { render }: Section, bytes: number) {
  const content = render(report, newSpace(bytes))
  return { content, size: Buffer.byteLength(content.toString()) }
}
