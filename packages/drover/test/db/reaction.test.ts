import { describe, expect, test } from 'vitest'
import { reactionOf } from '../../src/db/reaction.ts'
import { reactionTo } from '../../src/db/sqlstate.ts'
import { DroverError } from '../../src/error.ts'

const serverError = (code: string, table?: string) =>
  Object.assign(new Error('quotes a value'), {
    code,
    ...(table ? { schema: table.split('.')[0], table: table.split('.')[1] } : {}),
  })

describe('what is done about an error', () => {
  test.each([
    ['08006', 'reconnect'],
    ['57P01', 'reconnect'],
    ['57P02', 'reconnect'],
    ['57P03', 'reconnect'],
    ['53300', 'reconnect'],
    ['25006', 'reconnect'],
    ['40001', 'retry'],
    ['40P01', 'retry'],
    ['55P03', 'retry'],
    ['53100', 'retry'],
    ['53200', 'halve'],
    ['57014', 'halve'],
    ['25P03', 'halve'],
    ['25P04', 'halve'],
    ['22P02', 'set aside'],
    ['23505', 'set aside'],
    ['P0001', 'set aside'],
    ['54000', 'set aside'],
    ['42P01', 'stop'],
    ['42501', 'stop'],
    ['0A000', 'stop'],
    ['XX000', 'stop'],
    ['25P02', 'stop'],
    ['57P04', 'stop'],
  ])('%s: %s', (sqlstate, reaction) => {
    expect(reactionTo(sqlstate)).toBe(reaction)
    expect(reactionOf(serverError(sqlstate))).toBe(reaction)
  })

  // I2
  test('the ledger refuses no row: what it does refuse stops the run', () => {
    expect(reactionOf(serverError('23514', 'drover.chunk'))).toBe('stop')
    expect(reactionOf(serverError('23514', 'public.things'))).toBe('set aside')
  })

  test('what is known of the connection counts, what drover says of the work does not pass', () => {
    const wrap = (code: ConstructorParameters<typeof DroverError>[0], cause?: unknown) =>
      new DroverError(code, '', { cause })
    expect(reactionOf(wrap('database-unreachable'))).toBe('reconnect')
    expect(reactionOf(wrap('commit-unknown', serverError('57P01')))).toBe('reconnect')
    expect(reactionOf(wrap('connection-lost', serverError('25P03')))).toBe('halve')
    expect(reactionOf(wrap('database-refused', serverError('57P03')))).toBe('reconnect')
    expect(reactionOf(wrap('database-refused', serverError('28P01')))).toBe('stop')
    expect(reactionOf(wrap('conservation-broken', serverError('23505')))).toBe('stop')
    expect(reactionOf(new TypeError('a bug'))).toBe('stop')
  })
})
