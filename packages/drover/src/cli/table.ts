/** The head of a column, and to which side its cells are set. */
export interface TableColumn {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** A table of text in a terminal. */
export interface TableContent {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly string[])[]
  /** A last row under a rule, such as totals. */
  readonly footer?: readonly string[]
  /** Between two columns. Default two spaces. */
  readonly gap?: string
}

/** A table as lines of text, each column as wide as its widest cell. No line ends in spaces. */
export function renderTable({ columns, rows, footer, gap = '  ' }: TableContent): string {
  const all = [columns.map((column) => column.title), ...rows, ...(footer === undefined ? [] : [footer])]
  const widths = columns.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
  const renderRow = (row: readonly string[]) =>
    columns
      .map(({ align }, i) => pad(row[i] ?? '', widths[i]!, align))
      .join(gap)
      .trimEnd()
  const lines = all.map(renderRow)
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)))
  return (footer === undefined ? lines : [...lines.slice(0, -1), rule, lines.at(-1)!]).join('\n')
}

/** `text`, filled with spaces to `width`. */
export function pad(text: string, width: number, align: TableColumn['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width)
}
