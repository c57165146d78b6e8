import { showInvisible } from './invisible.ts'

/** GitHub's Markdown, built from texts that may hold anything: names and keys come from databases. */

/**
 * A name or key as code, on one line, whatever it holds. A code span takes harmless text; anything else becomes a `code`
 * element with every punctuation mark as an entity, because neither a backtick nor `\|` is safe inside a span in a table.
 */
export function renderName(text: string): string {
  const shown = showInvisible(text).replace(/^ | $/g, '␠')
  if (shown === '') return '<code>&empty;</code>'
  return /[`|\\]/.test(shown) ? `<code>${escapeAll(shown)}</code>` : `\`${shown}\``
}

/** Names or keys as a list. */
export function renderNames(texts: readonly string[]): string {
  return texts.length === 0 ? '–' : texts.map(renderName).join(', ')
}

/**
 * A sentence that may hold names: nothing in it is read as Markdown or HTML, nobody is mentioned by it and nothing is
 * linked. An underscore inside a word means nothing to Markdown and stays.
 */
export function renderText(text: string): string {
  return showInvisible(text)
    .replace(/[\\`*[\]<>#|~&$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, entity)
    .replace(/@|:(?=\/\/)|www(?=\.)/gi, '$&<!-- -->')
}

/** The head of a column, and to which side its cells are set. */
export interface MarkdownColumn {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** A column of words. */
export const left = (title: string): MarkdownColumn => ({ title, align: 'left' })

/** A column of figures. */
export const right = (title: string): MarkdownColumn => ({ title, align: 'right' })

/** What stands where there is nothing to list. */
export const none = 'None.'

/** A table that is aligned in the source too, or {@link none} where it has no rows. Cells are Markdown already. */
export function renderTable(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return none
  const all = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, i) => all.reduce((most, row) => Math.max(most, width(row[i] ?? '')), 3))
  const rule = columns.map(({ align }, i) =>
    align === 'left' ? '-'.repeat(widths[i]!) : `${'-'.repeat(widths[i]! - 1)}:`,
  )
  const renderRow = (row: readonly string[]) =>
    `| ${columns.map(({ align }, i) => pad(row[i] ?? '', widths[i]!, align)).join(' | ')} |`
  return [renderRow(all[0]!), renderRow(rule), ...rows.map(renderRow)].join('\n')
}

/** A row's values, or what names it, by column. */
export function renderCells(cells: Readonly<Record<string, string | null>>): string {
  const texts = Object.entries(cells).map(([column, value]) => `${column} ${value ?? 'null'}`)
  return texts.length === 0 ? '–' : texts.map(renderName).join(' ')
}

/**
 * What opens at a click: a query may be longer than all the rest. The summary is HTML: a name in it is a text, no code
 * span.
 */
export function renderFolded(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`
}

/** Fenced by more backticks than the text holds in a row. */
export function renderCode(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function pad(text: string, to: number, align: MarkdownColumn['align']): string {
  const space = ' '.repeat(to - width(text))
  return align === 'left' ? text + space : space + text
}

/** In code points: what editors align by, wide characters apart. */
function width(text: string): number {
  return [...text].length
}

function escapeAll(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, entity)
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`
}
