import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, errorCodes } from '../../src/codes/errors.ts'
import { explain, kinds } from '../../src/codes/kinds.ts'
import { rowCodes } from '../../src/codes/row-codes.ts'
import { DroverError } from '../../src/error.ts'
import { anchorOf, errorsPage } from './page.ts'
import { argumentsAt, raisedErrors, sources } from './raised.ts'

const entries = kinds.flatMap((kind) => Object.entries(kind.entries))
/** The source without the catalogues and without what only answers to codes. */
const raising = [...sources].filter(([file]) => !file.startsWith('codes/') && file !== 'web/failure.ts')

describe('the catalogue', () => {
  test('says of each code what it is, how it comes about and what helps, in sentences', () => {
    for (const [code, { meaning, cause, remedy }] of entries) {
      for (const text of [meaning, cause, remedy]) expect(text, code).toMatch(/^[A-Z`].*[^.\s]\.$/)
    }
  })

  test('has a code once, under an anchor of its own', () => {
    const headings = [...kinds.map(({ title }) => title), ...entries.map(([code]) => code)].map(anchorOf)
    expect(headings.filter((heading, i) => headings.indexOf(heading) !== i)).toEqual([])
    for (const code of Object.keys(errorCodes)) expect(explain(code)?.kind.title).toMatch(/^Errors /)
  })

  test('is what docs/errors.md holds: else npm run docs:errors', () => {
    expect(readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsPage())
  })

  test.each(Object.keys(errorCodes))('has %s because something raises it', (code) => {
    expect(raising.filter(([, text]) => text.includes(`'${code}'`)).map(([file]) => file)).not.toEqual([])
  })

  test('has the codes that the language gives rows, and no others', () => {
    const language = raising
      .filter(([file]) => file.startsWith('define/'))
      .map(([, text]) => text.replace(/^ *(\/\*\*|\*).*$/gm, ''))
    const given = language.flatMap((text) => [
      ...text.matchAll(/\bcode: '([a-z-]+)'|\bcode = '([a-z-]+)'|code \?\? '([a-z-]+)'|derivedAs\('([a-z-]+)'\)/g),
      ...text.matchAll(/(?:correctedWhen|noteWhen|quarantineWhen|fails|isJump|logged|refused)\(\w*,? ?'([a-z-]+)'/g),
    ])
    const codes = new Set(given.map((found) => found.slice(1).find((code) => code !== undefined)!))
    const ofRuns = ['survivor-quarantined', 'error-<SQLSTATE>']
    expect([...codes, ...ofRuns].sort()).toEqual(Object.keys(rowCodes).sort())
  })
})

/** Errors whose details are made elsewhere, and hold a remedy there where one is known. */
const passedOn = ['cli/carry-out.ts', 'cli/fix-file.ts']

/** Errors of which only the server knows more: the remedy of their code is all that there is to say. */
const generalRemedy = new Set<string>([
  'chunk-failed',
  'embedded-failed',
  'object-missing',
  'repair-refused',
  'rollback-refused',
  'statement-failed',
  'step-failed',
])

describe('every error', () => {
  const raised = raisedErrors()

  test('is found', () => {
    expect(raised.length).toBeGreaterThan(150)
    const call = ["'a, ('", `\`b \${c('}', {})}, d\``, '{ e: [1, 2] }']
    expect(argumentsAt(`f(${call.join(', ')})`, 2)).toEqual(call)
  })

  test('says what happened in a sentence', () => {
    const told = raised.filter(({ what }) => /^['"`]/.test(what))
    expect(told.length).toBeGreaterThan(120)
    for (const { place, what } of told)
      expect(what, place).toMatch(/^['"`](\$\{|[A-Z-]|[a-z]+[A-Z]?\w* (cannot|was|can) ).*\.['"`]$/s)
  })

  test('names keys, never values', () => {
    const suspects = /\$\{[^}]*\b(original|rowValue|cell|patch|password|url)\b[^}]*\}/
    for (const { place, what, details } of raised) expect(`${what} ${details}`, place).not.toMatch(suspects)
  })

  test('knows a remedy, or its code does by design', () => {
    const without = raised.filter(
      ({ place, details }) => !/\bremedy\b/.test(details) && !passedOn.some((file) => place.startsWith(file)),
    )
    const literal = without.filter(({ code }) => code.startsWith("'")).map(({ code }) => code.slice(1, -1))
    expect(literal.filter((code) => !generalRemedy.has(code))).toEqual([])
  })

  test('has the remedy of its code where it knows none', () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      expect(new DroverError(code, 'It failed.').remedy).toBe(errorCodes[code].remedy)
    }
    expect(new DroverError('run-missing', 'It failed.', { remedy: 'Do this.' }).remedy).toBe('Do this.')
  })
})
