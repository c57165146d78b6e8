import { expect, test } from 'vitest'
import { renderName, renderTable, renderText } from '../../src/report/markdown.ts'
import { renderJson } from '../../src/report/render-json.ts'
import { renderJunit } from '../../src/report/render-junit.ts'
import { renderMarkdown } from '../../src/report/render-markdown.ts'
import { sample } from './sample.ts'

test('Markdown', async () => {
  await expect(renderMarkdown(sample)).toMatchFileSnapshot('golden/report.md')
})

test('JUnit', async () => {
  const xml = renderJunit({ name: 'run 7 of `visits`', ...sample })
  await expect(xml).toMatchFileSnapshot('golden/report.xml')
})

test('JUnit counts what it shows, and what failed', () => {
  const xml = renderJunit({ name: 'a & b', ...sample })
  const { findings, notChecked } = sample
  expect(xml.match(/<testcase /g)).toHaveLength(findings.length + notChecked.length)
  expect(xml.match(/<failure /g)).toHaveLength(findings.filter(({ verdict }) => verdict === 'fail').length)
  expect(xml.match(/<skipped\/>/g)).toHaveLength(notChecked.length)
  expect(xml).toContain('<testsuites name="a &#38; b"')
})

test('JSON is the value, exactly', () => {
  expect(JSON.parse(renderJson(sample))).toEqual(sample)
  expect(renderJson(sample)).toContain('"9007199254740993"')
})

test('every line of a table has as many cells as its head, whatever the names are', () => {
  const lines = renderMarkdown(sample).split('\n')
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith('|') || !lines[i - 1]?.startsWith('|')) continue
    expect(line.split('|').length, line).toBe(lines[i - 1]!.split('|').length)
  }
})

const hostile = ['a|b', 'a\\|b', 'a`b', '``', 'a\nb', 'a\r\nb', '| x |', '<script>', '\u202ereversed', '', ' edge ']

test.each(hostile)('the name %j stays in its cell, as code', (name) => {
  const [, , row] = renderTable(
    [
      { title: 'name', align: 'left' },
      { title: 'rows', align: 'right' },
    ],
    [[renderName(name), '1']],
  ).split('\n')
  expect(row!.split('|')).toHaveLength(4)
  expect(row).not.toMatch(/[\n\r\u202e]/)
  expect(renderName(name)).toMatch(/^(`[^`|\\]+`|<code>[^`|\\<]+<\/code>)$/)
})

test('a table has as many rows as there are', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [String(i)])
  expect(renderTable([{ title: 'row', align: 'right' }], rows).split('\n')).toHaveLength(200_002)
})

test('a name can be told from another by what is shown of it', () => {
  expect(new Set(hostile.map(renderName)).size).toBe(hostile.length)
})

test.each([
  ['a|b', 'a&#124;b'],
  ['`x`', '&#96;x&#96;'],
  ['*bold* and _thin_', '&#42;bold&#42; and &#95;thin&#95;'],
  ['snake_case', 'snake_case'],
  ['[l](http://m.example)', '&#91;l&#93;(http:<!-- -->//m.example)'],
  ['www.m.example', 'www<!-- -->.m.example'],
  ['@team', '@<!-- -->team'],
  ['<b>', '&#60;b&#62;'],
  ['two\nlines', 'two␊lines'],
  ['&amp;', '&#38;amp;'],
])('the sentence %j is text and nothing else', (text, rendered) => {
  expect(renderText(text)).toBe(rendered)
})
