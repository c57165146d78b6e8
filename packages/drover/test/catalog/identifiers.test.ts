import { expect, test } from 'vitest'
import { renderPropertyKey, renderString, renderTypeName } from '../../src/catalog/identifiers.ts'

test.each(['plain', "it's", 'say "x"', 'back\\slash', 'line\nbreak\t', '\u2028\u2029', '\u0000', 'Größe 🦷'])(
  'the literal of %j is that string',
  (text) => {
    const literal = renderString(text)
    expect(literal).toMatch(/^'[^\n\u2028\u2029]*'$/)
    expect(new Function(`return ${literal}`)()).toBe(text)
  },
)

test.each([
  ['id', 'id'],
  ['_a$1', '_a$1'],
  ['select', 'select'],
  ['1st', "'1st'"],
  ['a b', "'a b'"],
  ['größe', "'größe'"],
  ['', "''"],
])('the key of %j is %s', (name, key) => {
  expect(renderPropertyKey(name)).toBe(key)
})

test.each([
  ['public.clinic_status', 'PublicClinicStatus'],
  ['public.clinicStatus', 'PublicClinicStatus'],
  ['Odd.Schema.My "Type"', 'OddSchemaMyType'],
  ['1a.b', 'Type1aB'],
  ['ö.ß', 'ÖSS'],
  ['!.?', 'Type'],
])('the type name of %j is %s', (words, name) => {
  expect(renderTypeName(words)).toBe(name)
})
