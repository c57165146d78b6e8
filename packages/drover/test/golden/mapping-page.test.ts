import { existsSync, readdirSync, readFileSync } from 'node:fs'
import * as drover from 'drover'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../../../docs/mapping.md', import.meta.url), 'utf8')
const cases = new URL('cases/', import.meta.url)

/** The examples of the page, each with the cases that the line below it links to; several may share one line. */
const examples = [...page.matchAll(/```ts\n(.*?)\n```\n/gs)].map((block) => {
  const after = page.slice(block.index + block[0].length)
  const links = /^Cases?: .*?(?:\n\n|$)/ms.exec(after)?.[0] ?? ''
  return { text: block[1]!, cases: [...links.matchAll(/golden\/cases\/([\w-]+)\)/g)].map((link) => link[1]!) }
})

/** What stands between `#region` and `#endregion` in the migration of a case, without the common indentation. */
function regionsOf(name: string): readonly string[] {
  const migration = readFileSync(new URL(`${name}/migration.ts`, cases), 'utf8')
  return [...migration.matchAll(/^ *\/\/ #region .*?\n(.*?)\n *\/\/ #endregion$/gms)].map(([, text]) => {
    const indent = /^ */.exec(text!)![0]
    return text!.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
  })
}

test('every example of the page stands in the case that it names', () => {
  expect(examples.length).toBeGreaterThan(30)
  const strange = examples.filter(({ text, cases }) => !cases.some((name) => regionsOf(name).includes(text)))
  expect(strange).toEqual([])
})

test('every region that a case marks stands on the page', () => {
  const texts = new Set(examples.map(({ text }) => text))
  const unused = readdirSync(cases).flatMap((name) => regionsOf(name).filter((region) => !texts.has(region)))
  expect(unused).toEqual([])
})

test('the page links to cases that exist', () => {
  const linked = [...page.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map((link) => link[1]!)
  expect(linked.length).toBeGreaterThan(30)
  expect(linked.filter((path) => !existsSync(new URL(`../../../../${path}`, import.meta.url)))).toEqual([])
})

test('the table lists every helper, and every code that one gives', () => {
  const table = page.slice(page.indexOf('## All helpers'))
  const helpers = Object.entries(drover).filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
  const others = ['defineMigration', 'renderError', 'sql']
  const names = helpers.map(([name]) => name).filter((name) => !others.includes(name))
  expect(names.filter((name) => !table.includes(`\`${name}(`))).toEqual([])
  const define = new URL('../../src/define/', import.meta.url)
  const codes = readdirSync(define).flatMap((file) =>
    [...readFileSync(new URL(file, define), 'utf8').matchAll(/\bcode(?:: | = |As\()'([a-z-]+)'/g)].map(
      (code) => code[1]!,
    ),
  )
  expect(codes.length).toBeGreaterThan(10)
  expect(codes.filter((code) => !table.includes(`\`${code}\``))).toEqual([])
})
