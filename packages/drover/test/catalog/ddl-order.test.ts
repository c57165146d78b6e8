import { describe, expect, test } from 'vitest'
import { type Placed, placeStatements } from '../../src/catalog/ddl/order.ts'

const statement = (address: string, phase: Placed['phase'], holdsRows = false): Placed => ({
  address,
  object: address,
  sql: '',
  phase,
  holdsRows,
})

const placed = (statements: readonly Placed[], needs: Readonly<Record<string, readonly string[]>> = {}) => {
  const { before, after } = placeStatements(statements, new Map(Object.entries(needs)))
  return { before: before.map(({ object }) => object), after: after.map(({ object }) => object) }
}

describe('placeStatements', () => {
  const type = statement('type', 'before')
  const code = statement('function', 'before')
  const table = statement('table', 'before', true)
  const key = statement('key', 'after')
  const view = statement('view', 'after')

  test('keeps the given order where nothing needs anything', () => {
    expect(placed([type, code, table, key, view])).toEqual({
      before: ['type', 'function', 'table'],
      after: ['key', 'view'],
    })
  })

  test('puts what is needed first, however far down it is needed', () => {
    expect(placed([type, code, table], { type: ['function'], function: ['table'] }).before).toEqual([
      'table',
      'function',
      'type',
    ])
  })

  test('leaves for later what needs something that comes after the rows', () => {
    expect(placed([type, code, table, key, view], { type: ['function'], function: ['view'], view: ['key'] })).toEqual({
      before: ['table'],
      after: ['key', 'view', 'function', 'type'],
    })
  })

  test('makes whatever a table needs ahead of the rows', () => {
    expect(placed([type, code, table, key, view], { table: ['function'], function: ['view'], view: ['key'] })).toEqual({
      before: ['type', 'key', 'view', 'function', 'table'],
      after: [],
    })
  })

  test('leaves nothing out where objects need each other, or what nobody makes', () => {
    expect(placed([code, table], { function: ['table'], table: ['function', 'elsewhere'] })).toEqual({
      before: ['table', 'function'],
      after: [],
    })
  })
})
