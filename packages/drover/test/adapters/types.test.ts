import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/read.ts'
import { renderTypes } from '../../src/catalog/types.ts'
import { databaseWith, serverMajorOf } from '../catalog/database.ts'
import { type Complaint, complaintsOf, expectedComplaints } from '../support/complaints.ts'

const folder = fileURLToPath(new URL('./typed', import.meta.url))
let told: ReadonlyMap<string, readonly Complaint[]>

beforeAll(() => {
  told = complaintsOf(folder)
})

test('each mistake is told at the line where it stands', () => {
  const mistakes = told.get('mistakes.ts') ?? []
  const expected = expectedComplaints(folder, 'mistakes.ts')
  expect(mistakes.map(({ line }) => line)).toEqual(expected.map(({ line }) => line))
  for (const { line, message } of expected) {
    expect(mistakes.find((complaint) => complaint.line === line)!.message, `line ${line}`).toContain(message)
  }
})

describe('nothing is told of', () => {
  test.each([
    ['mappings that are right', 'correct.ts'],
    ['what the adapters get wrong of a real schema: it is what the test says', 'limits.ts'],
    ['refined types: they are those that drover types writes', 'refined.ts'],
    ['what generators write elsewhere', 'known.ts'],
  ])('%s', (_, file) => {
    expect(told.get(file)).toBeUndefined()
  })

  test('any other file', () => {
    expect([...told.keys()]).toEqual(['mistakes.ts'])
  })
})

test('the generated files are of the schema that stands beside them', async ({ skip }) => {
  const statements = ['../../../../examples/dental-clinic/sql/target.sql', './kinds.sql']
  const database = await databaseWith([])
  if ((await serverMajorOf(database)) < 15) skip('The target schema needs PostgreSQL 15.')
  for (const file of statements) await database.query(await readFile(new URL(file, import.meta.url), 'utf8'))
  const schemas = ['auth', 'billing', 'public']
  const types = renderTypes(await readCatalog(database.query, schemas), { interfaceName: 'Shapes', schemas })
  await expect(types).toMatchFileSnapshot('generated/drover.types.ts')
})
