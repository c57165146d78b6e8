import { html } from '../../report/html/markup.ts'
import { renderPage } from '../../report/html/page.ts'

/** What a request sees that is refused: nothing of the database, nor of any run. */
export function strangerPage(why: string): string {
  return renderPage({ title: 'Refused · drover', header: html`<h1>Refused</h1>`, main: html`<p>${why}</p>` })
}
