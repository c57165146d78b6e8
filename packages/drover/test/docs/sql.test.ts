import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { fixtures } from '../cli/drover.ts'
import { callInProcess } from '../cli/in-process.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { type Block, type Page, pages, placeOf } from './page.ts'

let database: TestDatabase

/** A database with a ledger: pages ask its tables. */
beforeAll(async () => {
  database = await createDatabase()
  await database.query(readFileSync(`${fixtures}schema.sql`, 'utf8'))
  const words = ['check', `${fixtures}migration.ts`, '--record']
  expect(await callInProcess(words, database.url)).toMatchObject({ exit: 0 })
})

function blocksOf(language: string): readonly { readonly page: Page; readonly block: Block }[] {
  return pages.flatMap((page) =>
    page.blocks.filter((block) => block.language === language).map((block) => ({ page, block })),
  )
}

/**
 * What is wrong with statements, which are not carried out: the server parses the body of a block of PL/pgSQL,
 * statement by statement, before it begins. Queries of the ledger are planned as well: its tables are there.
 */
async function refusalOf(statements: string): Promise<string | undefined> {
  const lines = statements.replaceAll(/--.*$/gm, '')
  try {
    await database.query(`do $page$ begin return; ${lines} end $page$`)
    for (const statement of lines.split(/;\s*$/m)) {
      if (/^\s*(select|with)\b[\s\S]*\bdrover\./.test(statement)) await database.query(`explain ${statement}`)
    }
    return undefined
  } catch (thrown) {
    return (thrown as Error).message
  }
}

test('every SQL block is SQL', async () => {
  const refused: string[] = []
  for (const { page, block } of blocksOf('sql')) {
    const refusal = await refusalOf(block.text)
    if (refusal !== undefined) refused.push(`${placeOf(page, block.line)}: ${refusal}`)
  }
  expect(refused).toEqual([])
})

test.each([
  ['selct 1;', /syntax error/],
  ['select 1;\ngrant selct everything on t to r;', /syntax error/],
  ['select at, colour from drover.sample;', /column "colour" does not exist/],
])('refused is %s', async (statements, refusal) => {
  expect(await refusalOf(statements)).toMatch(refusal)
})

test('every JSON block is JSON', () => {
  for (const { page, block } of blocksOf('json')) {
    expect(() => JSON.parse(block.text), placeOf(page, block.line)).not.toThrow()
  }
})
