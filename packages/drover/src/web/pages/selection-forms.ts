import { html, type Part } from '../../report/html/markup.ts'
import { runAddress, withQuery } from '../address.ts'
import { renderButton, renderConfirmed, renderForm } from './form.ts'
import type { QuarantineView } from './quarantine.ts'

/** What can be done with all rows of a mapping, or of a code of it. A choice by key or acceptance is only for looking. */
export function renderSelectionForms({ runId, filter, page, formToken }: QuarantineView): Part {
  const { mapping, code, accepted, text } = filter
  const isWhole = accepted === undefined && text === undefined
  if (formToken === null || mapping === undefined || !isWhole || page === null || page.rows.length === 0) return ''
  const action = (path: string) => withQuery(runAddress(runId, `quarantine/${path}`), { mapping, code })
  const which = code === undefined ? html`all rows of this mapping` : html`all rows of this mapping and code`
  return html`<h2>All of these rows</h2>
${renderConfirmed('Try again', html`Try ${which} again that were not accepted, with their fixes. What was verified is to be verified again.`, { action: action('retry'), token: formToken })}
<details><summary>Accept …</summary>
${renderForm({
  action: action('accept'),
  token: formToken,
  content: html`<p>That ${which} stay out for good, because</p>
<p><input type="text" name="why" required maxlength="500" size="40" aria-label="Why they stay out"> ${renderButton('Accept')}</p>`,
})}
</details>`
}
