import { describe, expect, test } from 'vitest'
import { type DroverError, decimal, defineMigration, type Expression, sql } from '../../src/index.ts'

// What the compiler refuses, a migration file without types may still hold.
const m = defineMigration<Record<string, Record<string, string>>, Record<string, Record<string, string>>>({
  name: 'incomplete',
  cutover: '2025-06-01T00:00:00Z',
})

type Row = Readonly<Record<string, Expression<string>>>

const complete = {
  from: (db: { selectFrom: (table: string) => unknown }) => db.selectFrom('old.t as t'),
  key: ({ t }: { t: Row }) => t.id,
  to: 'new.t',
  columns: ({ t }: { t: Row }): Record<string, unknown> => ({ id: t.id }),
}

function refusalOf(changes: Readonly<Record<string, unknown>>, define: 'map' | 'derive' | 'evolve' = 'map') {
  try {
    const take = m[define] as (name: string, mapping: never) => unknown
    take('t', { ...complete, ...changes } as never)
    return undefined
  } catch (thrown) {
    const { code, what, where, findings, remedy } = thrown as DroverError
    return { code, what, where, findings, remedy }
  }
}

const refused = (...findings: readonly string[]) => ({
  code: 'definition-invalid',
  what: 'The mapping t is not complete.',
  where: 'mapping t',
  findings,
  remedy: findings.length === 1 ? 'Mend it.' : `Mend these ${findings.length} places.`,
})

const decide = 'this conversion can fail: decide with .orQuarantine(), .orElse(value), .orNull() or .orReject().'
const noExpression =
  'this is no expression. Give a column of the source, a helper, SQL as sql`…`, or a value as constant(…).'

describe('a migration', () => {
  const cutoverOf = (cutover: string) => {
    try {
      return defineMigration({ name: 'cutover', cutover }).migration([]).cutover
    } catch (thrown) {
      return (thrown as DroverError).what
    }
  }

  test.each([
    ['2025-06-01T00:00:00Z', '2025-06-01T00:00:00.000Z'],
    ['2025-06-01T02:00+02:00', '2025-06-01T00:00:00.000Z'],
    ['2024-02-29T23:59:59.123-05:30', '2024-03-01T05:29:59.123Z'],
  ])('has the cutover that is written: %s', (written, read) => {
    expect(cutoverOf(written)).toBe(read)
  })

  test.each([
    ...['2025-02-30T00:00:00Z', '2025-02-29T00:00:00Z', '2025-06-31T00:00:00Z', '2025-13-01T00:00:00Z'],
    ...['2025-06-01T24:00:00Z', '2025-06-01T00:00:60Z', '2025-06-01T00:00:00.123456Z', '0000-01-01T00:00:00Z'],
    ...['2025-06-01', '2025-06-01T00:00:00', '2025-06-01 00:00:00Z', '2025-06-01T00:00:00+0200', 'tomorrow', ''],
    ...['Jun 1 2025 00:00 +0200', ' 2025-06-01T00:00:00Z', '2025-06-01T00:00:00Z\n', '2025-06-01T00:00:00+16:00'],
  ])('has no cutover that is read as another one: %s', (written) => {
    expect(cutoverOf(written)).toBe('The cutover is not an instant.')
  })

  test('allows rows only to checks that can let some pass', () => {
    const allow = { 'row comparision': { rows: 5 }, references: { rows: 1 } } as never
    expect(() => m.migration([], { allow })).toThrow('No check that can let rows pass is named row comparision.')
  })

  test.each([
    ['', () => {}],
    ['two\nlines', () => {}],
    ['x'.repeat(121), () => {}],
    ['asks nothing', 'select 1'],
  ])('has no probe such as %j', (name, ask) => {
    expect(() => m.probe(name, ask as never)).toThrow(expect.objectContaining({ code: 'definition-invalid' }))
  })
})

describe('a mapping', () => {
  test('that has all it needs is taken', () => {
    expect(refusalOf({})).toBeUndefined()
    expect(refusalOf({ key: undefined }, 'evolve')).toBeUndefined()
  })

  test.each([
    ['from', "from: say what it reads: (db) => db.selectFrom('schema.table as t')."],
    ['key', 'key: say what identifies a source row: ({ t }) => t.id.'],
    ['to', "to: name the table that it fills: 'schema.table'."],
    ['columns', 'columns: give an expression for each column of the target: ({ t }) => ({ id: t.id, … }).'],
  ])('without `%s` is refused by name', (part, finding) => {
    expect(refusalOf({ [part]: undefined })).toEqual(refused(finding))
    expect(refusalOf({ [part]: undefined }, 'derive')).toEqual(refused(finding))
  })

  test('that lacks several is told all of them', () => {
    expect(refusalOf({ key: undefined, to: undefined, columns: undefined })?.findings).toHaveLength(3)
  })

  test('is told each column for which no expression stands', () => {
    const columns = ({ t }: { t: Row }) => ({
      id: t.id,
      amount: decimal(t.amount!),
      missing: undefined,
      nothing: null,
      word: 'word',
      right: sql`1`,
    })
    expect(refusalOf({ columns })).toEqual(
      refused(
        `column amount: ${decide}`,
        'column missing: no expression is given. Give one, or leave it out.',
        `column nothing: ${noExpression}`,
        `column word: ${noExpression}`,
      ),
    )
  })

  test('has a key of expressions, at least one', () => {
    expect(refusalOf({ key: () => [] })?.findings).toEqual(['key: no expression is given. Give one, or leave it out.'])
    expect(refusalOf({ key: ({ t }: { t: Row }) => [t.id, decimal(t.amount!)] })?.findings).toEqual([`key: ${decide}`])
  })

  test('is told of every other place where an expression stands', () => {
    const fallible = ({ t }: { t: Row }) => decimal(t.amount!)
    expect(refusalOf({ where: fallible })?.findings).toEqual([`where: ${decide}`])
    expect(refusalOf({ where: () => undefined })?.findings).toEqual([
      'where: no expression is given. Give one, or leave it out.',
    ])
    expect(refusalOf({ identity: ({ t }: { t: Row }) => [decimal(t.amount!)] })?.findings).toEqual([
      `identity: ${decide}`,
    ])
    const whole = { by: [sql`1`], when: 'always', agree: [null], quarantine: 'conflicting' }
    expect(refusalOf({ identity: () => whole })?.findings).toEqual([
      `identity: ${noExpression}`,
      `identity: ${noExpression}`,
    ])
    expect(refusalOf({ match: { on: () => true, found: 'keep' } })?.findings).toEqual([`match, on: ${noExpression}`])
    const compute = { reads: ({ t }: { t: Row }) => ({ amount: decimal(t.amount!) }), writes: {}, batch: () => [] }
    expect(refusalOf({ compute })?.findings).toEqual([`compute, reads amount: ${decide}`])
  })

  test('says what becomes of duplicates that do not agree', () => {
    const identity = ({ t }: { t: Row }) => ({ by: [t.id], agree: [t.amount] })
    expect(refusalOf({ identity })).toEqual(
      refused(
        "identity: give the code under which duplicates that do not agree are set aside: quarantine: 'conflicting'.",
      ),
    )
  })
})
