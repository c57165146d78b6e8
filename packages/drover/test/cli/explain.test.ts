import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/codes/kinds.ts'
import { errorCodes } from '../../src/error.ts'
import { drover, expectRefusal } from './drover.ts'
import { callInProcess } from './in-process.ts'

const explain = (...words: readonly string[]) => callInProcess(['explain', ...words], 'postgresql://nowhere')

describe.concurrent('drover explain', () => {
  test('tells what a code stands for, without a database', async () => {
    const { exit, stdout, stderr } = await drover(['explain', 'source-busy'])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    const { meaning, remedy } = errorCodes['source-busy']
    expect(stdout).toContain(`source-busy: ${meaning}\n`)
    expect(stdout).toContain(`  remedy: ${remedy}\n  exit:   1\n`)
  })

  test.each([
    ['[plan-stale]', 'plan-stale: '],
    ['error-23505', 'error-23505: The database refused the row'],
    ['row comparison', 'row comparison: '],
    ['DV004', 'DV004: '],
  ])('knows %s as people meet it', async (code, begin) => {
    expect((await explain(code)).stdout.replace(/^\[/, '')).toContain(begin.replace(/[[\]]/g, ''))
  })

  test('lists all codes where none is named', async () => {
    const { stdout } = await explain()
    for (const { entries } of kinds) for (const code of Object.keys(entries)) expect(stdout).toContain(`\n  ${code} `)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('names the codes that hold what was written', async () => {
    expectRefusal(await explain('stale'), {
      exit: 2,
      code: 'usage-invalid',
      what: 'There is no code stale.',
      told: ['there are plan-stale'],
      remedy: 'drover explain',
    })
  })
})
