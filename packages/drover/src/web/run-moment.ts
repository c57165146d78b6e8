import { createHash } from 'node:crypto'
import { type Html, html } from '../report/html/markup.ts'
import type { Act } from './acts.ts'
import type { Failure } from './failure.ts'
import type { Fragment, Moment } from './live.ts'
import { renderActs } from './pages/acts.ts'
import { renderError } from './pages/message.ts'
import { renderControl } from './pages/run-control.ts'
import { renderCourse, renderRebuilds, renderSpeed, renderStripsHead, renderUnknownCourse } from './pages/run-course.ts'
import { renderNow } from './pages/run-now.ts'
import { renderProgress, unfinishedFirst } from './pages/run-progress.ts'
import { renderRunFacts, renderState } from './pages/run-state.ts'
import { isOver } from './run-course.ts'
import type { RunView } from './run-view.ts'

/** Chunk strips of a page. */
const mostStrips = 40

/** Everything of a run that its page shows, in the order of the page. Pure. */
export function momentOf(view: RunView, acts: readonly Act[], formToken: string | null): Moment {
  const { run, tallies, activity, course } = view
  const isBegun = course?.courses.some(({ strip }) => strip.length > 0) ?? false
  return {
    fragments: [
      fragment('outage', false),
      fragment('state', renderState(run, tallies)),
      fragment('facts', renderRunFacts(run)),
      fragment('control', renderControl(run, activity, formToken)),
      fragment('acts', renderActs(acts)),
      fragment('progress', renderProgress(run.id, tallies)),
      fragment('now', activity !== null && renderNow(activity)),
      fragment('speed', course !== null && isBegun && renderSpeed(course.throughput)),
      fragment('strips', course === null ? renderUnknownCourse() : isBegun && renderStripsHead()),
      ...stripsOf(view),
      fragment('rebuilds', course !== null && renderRebuilds(run.id, course.rebuilds)),
    ],
    isLast: isOver(run.state),
  }
}

/** The moment in which nothing could be read: what stands on the page stays, with what is the matter above it. */
export function outageOf({ status, error }: Failure): Moment {
  const again = status === 503 && html`<p>What is shown below is from before. The page looks again by itself.</p>`
  return { fragments: [fragment('outage', html`${renderError(error)}${again}`)], isLast: false }
}

function stripsOf({ tallies, course }: RunView): readonly Fragment[] {
  const byName = new Map(course?.courses.map((each) => [each.mapping, each]))
  const shown = unfinishedFirst(tallies).flatMap(({ mapping }) => byName.get(mapping) ?? [])
  const begun = shown.filter(({ strip }) => strip.length > 0)
  return Array.from({ length: Math.min(mostStrips, tallies.length) }, (_, i) => {
    const each = begun[i]
    return fragment(`strip-${i}`, each !== undefined && renderCourse(each, i))
  })
}

function fragment(id: string, content: Html | false): Fragment {
  const markup = html`${content}`
  const version = createHash('sha256').update(markup.toString()).digest('base64url').slice(0, 12)
  return { id: `live-${id}`, version, markup }
}
