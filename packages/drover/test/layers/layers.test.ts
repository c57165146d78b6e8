import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { importsOf, layers, pureFolders, refusal } from './layers.ts'

const source = new URL('../../src/', import.meta.url)
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(new URL(file, source), 'utf8') }))

const refusals = (file: string, text: string) => importsOf(file, text).flatMap((found) => refusal(found) ?? [])

test('no folder imports from a higher layer, and the pure ones import no driver and nothing of Node', () => {
  expect(files.length).toBeGreaterThan(100)
  const found = files.flatMap(({ file, text }) => refusals(file, text).map((why) => `${file}: ${why}`))
  expect(found).toEqual([])
})

test('pure folders have no clock, no randomness, no environment', () => {
  const effects = /\b(Date\.now|new Date\(\)|performance\.|Math\.random|process\.|console\.|setTimeout)/
  const found = files.filter(({ file, text }) => pureFolders.includes(file.split('/')[0]!) && effects.test(text))
  expect(found.map(({ file }) => file)).toEqual([])
})

test('process and console belong to the command line, and the environment to tests too', () => {
  const found = files.filter(
    ({ file, text }) => !/^(cli|embedded|testing)\//.test(file) && /\b(process\.(exit|env|std)|console\.)/.test(text),
  )
  expect(found.map(({ file }) => file)).toEqual([])
})

describe('the rule itself refuses', () => {
  test.each([
    ['plan/x.ts', `import { run } from '../run/run.ts'`, 'plan (layer 2) imports run (layer 6)'],
    ['run/x.ts', `import type { V } from '../verify/verify.ts'`, 'run (layer 6) imports verify (layer 6)'],
    ['define/x.ts', `import pg from 'pg'`, 'define is pure and imports pg'],
    ['plan/deep/x.ts', `const fs = await import('node:fs')`, 'plan is pure and imports node:fs'],
    ['index.ts', `export { run } from './run/run.ts'`, "the package's entry imports run"],
    ['run/x.ts', `import { startEmbedded } from '../embedded/index.ts'`, 'run imports embedded'],
    ['run/x.ts', `import { x } from '../misc/x.ts'`, 'misc is in no layer'],
  ])('%s: %s', (file, text, why) => {
    expect(refusals(file, text)).toEqual([why])
  })

  test('and nothing that is allowed', () => {
    expect(
      refusals('run/x.ts', `import { a } from '../plan/a.ts'\nimport { b } from './b.ts'\nimport 'node:fs'`),
    ).toEqual([])
  })
})

test('ARCHITECTURE.md prints the same layers', () => {
  const page = readFileSync(new URL('../../../../ARCHITECTURE.md', import.meta.url), 'utf8')
  const printed = [...page.matchAll(/^\| (\d+) \| `(\w+)\/` \|/gm)].map((row) => [row[2], Number(row[1])])
  const present = Object.entries(layers).filter(([folder]) => files.some(({ file }) => file.startsWith(`${folder}/`)))
  expect(Object.fromEntries(printed)).toEqual(Object.fromEntries(present))
})
