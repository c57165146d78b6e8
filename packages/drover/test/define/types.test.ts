import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { complaintsOf, expectedComplaints } from '../support/complaints.ts'

const folder = fileURLToPath(new URL('./typed', import.meta.url))

test('each mistake is told at the line where it stands, and nothing else is told', () => {
  const found = complaintsOf(folder)
  expect([...found.keys()]).toEqual(['mistakes.ts'])
  const told = found.get('mistakes.ts')!
  const expected = expectedComplaints(folder, 'mistakes.ts')
  expect(told.map(({ line }) => line)).toEqual(expected.map(({ line }) => line))
  for (const { line, message } of expected) {
    expect(told.find((complaint) => complaint.line === line)!.message, `line ${line}`).toContain(message)
  }
})
