import { type Html, html, type Part } from '../../report/html/markup.ts'

/** A form that changes something. */
export interface Form {
  /** Where it is sent to. */
  readonly action: string
  /** @see Access.formToken */
  readonly token: string
  /** Fields and buttons. */
  readonly content: Part
}

/** A form that changes something. */
export function renderForm({ action, token, content }: Form): Html {
  return html`<form method="post" action="${action}">
<input type="hidden" name="form-token" value="${token}">
${content}
</form>`
}

/** A button that does what its form is for, or what `action` says. */
export function renderButton(words: string, action?: string): Html {
  return html`<button type="submit"${action !== undefined && html` formaction="${action}"`}>${words}</button>`
}

/** A form for what cannot be taken back: it opens at a click, and is sent once that is confirmed. */
export function renderConfirmed(words: string, what: Part, form: Omit<Form, 'content'>): Html {
  return html`<details class="confirmed"><summary>${words} …</summary>
${renderForm({
  ...form,
  content: html`<p><label><input type="checkbox" required> ${what}</label></p>
<p>${renderButton(words)}</p>`,
})}
</details>`
}

/** A choice of one of several. */
export function renderChoice(
  label: Part,
  name: string,
  options: readonly { readonly value: string; readonly words: string }[],
  chosen: string,
): Html {
  return html`<label>${label} <select name="${name}">
${options.map(({ value, words }) => html`<option value="${value}"${value === chosen && html` selected`}>${words}</option>\n`)}</select></label>`
}
