import { expect, test } from 'vitest'
import { anchorsOf, faultOf, linksOf, reachedFrom } from './link.ts'
import { pageOf, pages, parsePage } from './page.ts'

test('every link within the repository leads somewhere', () => {
  const links = pages.flatMap(linksOf)
  expect(links.length).toBeGreaterThan(200)
  expect(links.flatMap((link) => faultOf(link, pages) ?? [])).toEqual([])
})

test('every page of docs is reached from the README', () => {
  const reached = reachedFrom(pageOf('README.md'), pages)
  const documents = pages.filter(({ path }) => /^(docs|examples)\//.test(path) && !path.startsWith('docs/decisions/'))
  expect(documents.filter(({ path }) => !reached.has(path)).map(({ path }) => path)).toEqual([])
})

test('the index by question leads to every page of docs itself', () => {
  const index = pageOf('docs/README.md')
  const listed = new Set(linksOf(index).map(({ path }) => path))
  const documents = pages.filter(({ path }) => /^docs\/[^/]+\.md$/.test(path) && path !== index.path)
  expect(documents.filter(({ path }) => !listed.has(path)).map(({ path }) => path)).toEqual([])
})

test('a link is refused where it leads nowhere', () => {
  const target = parsePage('docs/a.md', '# One: `two`?\n\n## Again\n\n## Again\n\n```sh\n# no heading\n```\n')
  const page = parsePage(
    'docs/b.md',
    '[no file](none.md) [above](../../x.md) [no heading](a.md#no-heading)\n[right](a.md#one-two) [twice](a.md#again-1) `[code](c.md)` [web](https://example.org/x.md)\n```\n[block](d.md)\n```\n[itself](#none)\n',
  )
  expect([...anchorsOf(target)]).toEqual(['one-two', 'again', 'again-1'])
  expect(linksOf(page).map(({ line, path, anchor }) => `${line} ${path} ${anchor}`)).toEqual([
    '1 docs/none.md ',
    '1 ../x.md ',
    '1 docs/a.md no-heading',
    '2 docs/a.md one-two',
    '2 docs/a.md again-1',
    '6 docs/b.md none',
  ])
  expect(
    linksOf(page)
      .slice(0, 2)
      .map((link) => faultOf(link, [target, page])),
  ).toEqual(['docs/b.md:1: there is no docs/none.md', 'docs/b.md:1: ../x.md lies outside the repository'])
})
