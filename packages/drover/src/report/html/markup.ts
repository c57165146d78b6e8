import { raw, html as template } from 'hono/html'

/** Markup, in which every text that came from elsewhere is escaped. Only this file makes it. */
export interface Html {
  readonly isEscaped: true
  toString(): string
}

/** What a template takes: a text is escaped, markup stands as it is, nothing and false leave no trace. */
export type Part = Html | string | number | false | null | undefined | readonly Part[]

/** Markup from a template. No part is a promise, so neither is what comes of it. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return template(texts, ...parts) as Html
}

/** A text of our own as markup: a style sheet, a script. Never anything that was read. */
export function trusted(text: string): Html {
  return raw(text) as Html
}
