import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { html } from '../../../src/report/html/markup.ts'
import { filePolicy, frameSources, renderPage } from '../../../src/report/html/page.ts'
import { renderHtml } from '../../../src/report/render-html.ts'
import { sample } from '../sample.ts'
import { readStrictly } from './strict-html.ts'

const page = renderHtml(sample)

test('the policy names the bytes of the one style sheet and of the one script, and allows nothing else', () => {
  const policy = readStrictly(page).elements.find(
    ({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy',
  )
  expect(policy?.attributes.get('content')).toBe(filePolicy)
  expect(filePolicy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; /)
  for (const [name, source] of Object.entries(frameSources)) {
    const contents = [...page.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, 'g'))].map(([, content]) => content!)
    expect(contents).toHaveLength(1)
    expect(`'sha256-${createHash('sha256').update(contents[0]!).digest('base64')}'`).toBe(source)
  }
})

test('the policy comes before what it is about', () => {
  expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'))
})

test('the script makes its own controls, of text alone', () => {
  const script = page.slice(page.lastIndexOf('<script>'))
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|eval|document\.write|fetch|XMLHttpRequest/)
  expect(page.slice(0, page.lastIndexOf('<script>'))).not.toMatch(/<(button|input)\b/)
})

test('a page of another kind: its own head first, no table of contents, no footer', () => {
  const other = renderPage({
    title: '</title><b>',
    head: html`<link class="own">`,
    header: html`<h1>Runs</h1>`,
    main: html`<p>none</p>`,
  })
  const { complaints, elements } = readStrictly(other)
  expect(complaints).toEqual([])
  expect(elements.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['nav']))
  expect(elements.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['footer']))
  expect(other).toContain('<title>&lt;/title&gt;&lt;b&gt;</title>')
})

test('whoever reads it aloud finds landmarks, a language and a way past the contents', () => {
  const { elements } = readStrictly(page)
  expect(elements[0]!.attributes.get('lang')).toBe('en')
  for (const landmark of ['header', 'nav', 'main', 'footer'])
    expect(elements.filter(({ name }) => name === landmark)).toHaveLength(1)
  const [first] = elements.filter(({ name }) => name === 'a')
  expect(first!.attributes.get('href')).toBe('#main')
})
