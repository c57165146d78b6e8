import { describe, expect, it, test } from 'vitest'
import { likeness, wordsOf } from '../../src/draft/likeness.ts'

test.each([
  ['tblOrderLines', ['order', 'line']],
  ['ORDER_LINES', ['order', 'line']],
  ['addresses', ['address']],
  ['categories', ['category']],
  ['status', ['status']],
  ['boxes', ['box']],
  ['qty2', ['qty2']],
  ['tel_no', ['phone', 'number']],
  ['straßeName', ['straße', 'name']],
])('the words of %s', (name, words) => {
  expect(wordsOf(name)).toEqual(words)
})

describe('two names', () => {
  it.each([
    ['title', 'title'],
    ['createdAt', 'created_at'],
    ['tbl_users', 'Users'],
    ['zip', 'postcode'],
    ['joined', 'joined_at'],
    ['clinic', 'clinic_id'],
    ['last_modified', 'last_updated_at'],
  ])('%s and %s say the same', (a, b) => {
    expect(likeness(a, b)).toBeGreaterThanOrEqual(0.9)
    expect(likeness(b, a)).toBe(likeness(a, b))
  })

  it.each([
    ['location', 'location_label'],
    ['full_name', 'name'],
    ['descr', 'short_description'],
  ])('%s and %s may say the same, for a person to decide', (a, b) => {
    expect(likeness(a, b)).toBeGreaterThan(0.4)
    expect(likeness(a, b)).toBeLessThan(0.8)
  })

  it.each([
    ['title', 'price'],
    ['created_at', 'deleted_at'],
    ['id', 'name'],
    ['', 'name'],
  ])('%s and %s have nothing to do with each other', (a, b) => {
    expect(likeness(a, b)).toBeLessThan(0.4)
  })

  it('may name their table', () => {
    expect(likeness('book_title', 'title', wordsOf('books'))).toBeGreaterThanOrEqual(0.9)
    expect(likeness('book_title', 'title')).toBeLessThan(0.9)
  })
})
