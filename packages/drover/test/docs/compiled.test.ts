import { expect, test } from 'vitest'
import { faultsOf } from './compiled.ts'
import { type Page, pages, parsePage, root } from './page.ts'

/** In the repository, so that `drover` is found by its name; not in git. */
const folder = `${root}test-results/docs`

/** The examples of `docs/mapping.md` stand in tested cases, word for word: test/golden/mapping-page.test.ts. */
const isCheckedHere = ({ path }: Page) => !path.startsWith('docs/decisions/') && path !== 'docs/mapping.md'

test('every TypeScript block compiles, and each line that should not is refused', () => {
  const shown = pages.filter((page) => isCheckedHere(page) && page.blocks.some(({ language }) => language === 'ts'))
  expect(shown.length).toBeGreaterThan(3)
  expect(faultsOf(shown, folder)).toEqual([])
})

test('faults are told where they stand on the page', () => {
  const text = [
    '```ts',
    "import { squish } from 'drover'",
    "const wrong: number = 'text'",
    "const meant: number = 'text' // does not compile: a text is no number",
    'const right = squish // does not compile',
    '```',
  ].join('\n')
  const [first, second, ...others] = faultsOf([parsePage('docs/made-up.md', text)], `${folder}-made-up`)
  expect(first).toMatch(/^docs\/made-up\.md:3: Type 'string' is not assignable to type 'number'/)
  expect(second).toBe('docs/made-up.md:5: it does compile')
  expect(others).toEqual([])
})
