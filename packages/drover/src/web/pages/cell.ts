import { type Html, html } from '../../report/html/markup.ts'
import { name, sentence } from '../../report/html/text.ts'

/** A value as it may be seen: the value, or its shape; null is no text. */
export function renderValue({ value }: { readonly value: string | null }): Html {
  if (value === null) return html`<span class="soft">null</span>`
  return value === '' ? name(value) : html`<code>${sentence(value)}</code>`
}
