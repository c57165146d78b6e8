import { qualifiedName, type Table } from '../catalog/catalog.ts'
import type { Draft, DraftedColumn, DraftedMapping } from '../draft/draft.ts'
import { renderTable } from './table.ts'

/** What was matched, table by table, with how sure that is. */
export function renderDraft(draft: Draft): string {
  const all = draft.mappings.flatMap(({ columns }) => columns)
  const number = (kind: DraftedColumn['value']['kind']) => all.filter(({ value }) => value.kind === kind).length
  const dropped = draft.mappings.reduce((sum, mapping) => sum + mapping.dropped.length, 0)
  return [
    ...draft.mappings.map(renderMapping),
    [
      `${count(draft.mappings.length, 'table')}, ${count(all.length, 'column')}: ${number('expression')} matched, ${number('undecided')} to be decided, ${number('left')} left to their default or null.`,
      ...(dropped === 0
        ? []
        : [`${count(dropped, 'column')} of the source ${dropped === 1 ? 'stays' : 'stay'} behind.`]),
      ...renderRest('Of the target, nothing fills', draft.unfilled),
      ...renderRest('Of the source, nothing reads', draft.unread),
    ].join('\n'),
  ].join('\n\n')
}

function renderMapping({ source, target, confidence, columns, dropped }: DraftedMapping): string {
  const table = renderTable({
    columns: [
      { title: '  target', align: 'left' },
      { title: 'source', align: 'left' },
      { title: 'how', align: 'left' },
      { title: 'sure', align: 'right' },
    ],
    rows: [
      ...columns.map(({ column, sources, how, confidence: sure, value }) => [
        `${value.kind === 'undecided' ? '?' : ' '} ${column.name}`,
        sources.join(', '),
        how,
        sure === undefined ? '' : percent(sure),
      ]),
      ...dropped.map((name) => ['', name, 'stays behind', '']),
    ],
  })
  return `${qualifiedName(source)} → ${qualifiedName(target)} (${percent(confidence)})\n${table}`
}

function renderRest(what: string, tables: readonly Table[]): readonly string[] {
  return tables.length === 0 ? [] : [`${what}: ${tables.map(qualifiedName).join(', ')}.`]
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
