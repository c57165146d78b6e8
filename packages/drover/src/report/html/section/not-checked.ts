import { renderCount } from '../../figures.ts'
import { html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { fit } from '../space.ts'
import { remark, sentence } from '../text.ts'

/** What nobody looked at. */
export const notCheckedSection: Section = {
  id: 'not-checked',
  title: 'Not checked',
  bytes: 30_000,
  render(report, space) {
    const { notChecked } = report
    if (notChecked.length === 0) return remark('Every check of the plan was carried out.')
    const { shown, more } = fit(space, notChecked, 200, (text) => html`<li>${sentence(text)}</li>\n`)
    return html`<ul>${shown}</ul>${more > 0 && remark(html`${renderCount(more)} more: ${restOf(report)}`)}`
  },
}
