import { renderInstant } from '../../report/figures.ts'
import { html, type Part } from '../../report/html/markup.ts'
import { name, sentence } from '../../report/html/text.ts'
import { isoInstant } from '../../report/instant.ts'
import { rowAddress, runAddress } from '../address.ts'
import { renderButton, renderForm } from './form.ts'
import type { RowView } from './row-view.ts'

/** The decision that a row stays out, and how it is made or taken back. */
export function renderAcceptance({ runId, row, formToken }: RowView): Part {
  const { acceptance } = row
  if (acceptance === null && formToken === null) return ''
  const action = (path: string) => rowAddress(runAddress(runId, `quarantine/row/${path}`), row)
  const form =
    formToken !== null &&
    (acceptance === null
      ? renderForm({
          action: action('accept'),
          token: formToken,
          content: html`<p>That it stays out for good, because <input type="text" name="why" required maxlength="500" size="40" aria-label="Why it stays out"> ${renderButton('Accept')}</p>`,
        })
      : renderForm({
          action: action('unaccept'),
          token: formToken,
          content: html`<p>${renderButton('Take that back')}</p>`,
        }))
  return html`<h2>Accept it</h2>
${acceptance !== null && html`<p>Accepted ${renderInstant(isoInstant(acceptance.at))} by ${name(acceptance.by)}: ${sentence(acceptance.why)}</p>`}
${form}`
}
