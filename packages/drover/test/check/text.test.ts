import { expect, test } from 'vitest'
import type { Check } from '../../src/check/check.ts'
import type { Outlook } from '../../src/check/outlook.ts'
import { describeViolation, type Violation } from '../../src/check/violation.ts'
import { renderCheck } from '../../src/cli/check-text.ts'
import type { RuleKind } from '../../src/codes/rules.ts'

const violation = (kind: RuleKind, rest: Partial<Violation> = {}): Violation => ({
  ...{ kind, constraint: null, columns: ['width'], target: 'new.beds', rows: 7n, keys: ['1', '2'] },
  ...rest,
})

const outlook: Outlook = {
  ...{ mapping: 'beds', read: 100n, loaded: 90n, merged: 3n, matched: 0n, quarantined: 7n, excluded: 0n },
  codes: [
    { column: 'width', code: 'rounded', outcome: 'note', rows: 50n },
    { column: 'width', code: 'not-a-number', outcome: 'quarantine', rows: 2n },
    { column: 'room', code: 'orphan', outcome: 'quarantine', rows: 5n },
    { column: 'name', code: 'alias', outcome: 'correct', rows: 60n },
  ],
  duplicates: { groups: 2n, extra: 3n, largest: 3n, keys: ['4', '9'] },
  violations: [
    violation('check', { constraint: 'wide' }),
    violation('key-twice', { columns: [], rows: 1n, keys: ['8'] }),
  ],
  orphans: [{ kind: 'reference', parent: 'rooms', reads: ['b.room'], rows: 1000n, keys: ['1', '2', '3', '4', '5'] }],
  findings: ['something is wrong.'],
  unforeseen: ['What nobody knows.'],
  notChecked: ['apart of new.beds: exclusion constraints are not checked.'],
}

const check: Check = {
  mappings: [outlook],
  profiles: [],
  guessed: [
    ...[{ table: 'old.beds', column: 'twin_id', parent: 'old.twins', parentColumn: 'id', rows: 1n, keys: ['18'] }],
  ],
  leftOut: [{ mapping: 'totals', why: 'Its rows.' }],
}

test('findings stand in one table, what is worst first, and of one kind the most rows', () => {
  const text = renderCheck(check, undefined)
  const lines = text.split('\n')
  const begin = lines.findIndex((line) => / code +mapping +column +rows$/.test(line))
  expect(lines.slice(begin + 1, begin + 11)).toEqual(
    [
      ['fails', 'key-twice', 'beds', '', '1'],
      ['refused', 'wide', 'beds', 'width', '7'],
      ['set aside', 'orphan', 'beds', 'room', '5'],
      ['set aside', 'not-a-number', 'beds', 'width', '2'],
      ['corrected', 'alias', 'beds', 'name', '60'],
      ['noted', 'rounded', 'beds', 'width', '50'],
      ['to know', 'no row in rooms', 'beds', 'b.room', '1,000'],
      ['to know', 'duplicates', 'beds', '', '3'],
      ['to know', 'no row in old.twins (guessed)', 'old.beds', 'twin_id', '1'],
      [],
    ].map((cells) =>
      cells.length === 0
        ? ''
        : expect.stringMatching(new RegExp(`^${cells.join(' +').replace(/[().]/g, '\\$&').replaceAll('+ +', '+')}$`)),
    ),
  )
  expect(text).toContain(
    'To know:\n  - beds: 1,000 rows refer by b.room to no row of rooms, which no foreign key of the source declares. Source keys: 1, 2, 3, 4, 5 and 995 more.\n',
  )
  expect(text).toContain('its name alone says so. Source key: 18.\n')
  expect(text).toContain(
    '2 groups of rows that are the same by its identity, the largest of 3 rows. Source keys: 4, 9.\n',
  )
  expect(text).toContain('Wrong:\n  - beds: something is wrong.\n')
  expect(text).toMatch(
    /Not foreseen:\n {2}- beds: What nobody knows\.\n {2}- totals: Its rows\.\n\nNot checked:\n {2}- beds: apart/,
  )
})

test('where nothing is wrong, that is said', () => {
  const clean = { ...outlook, codes: [], duplicates: null, violations: [], orphans: [], findings: [] }
  expect(renderCheck({ ...check, mappings: [clean], guessed: [] }, undefined)).toContain('\nNothing was found.\n')
})

test.each<[RuleKind, RegExp]>([
  ['not-null', /^7 rows would have no value for width of new\.beds, .* Source keys: 1, 2 and 5 more\.$/],
  ['length', /too long for width of new\.beds/],
  ['precision', /too large for width of new\.beds/],
  ['unique', /the values of another one in one_name of new\.beds/],
  ['foreign-key', /refer by one_name of new\.beds to a row that is not there/],
  ['match-twice', /match a row of new\.beds that another one matches already/],
])('%s has a sentence with its place and its keys', (kind, sentence) => {
  expect(describeViolation(violation(kind, { constraint: 'one_name' }))).toMatch(sentence)
})
