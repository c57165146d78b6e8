import { expect, test } from 'vitest'
import { asObject, type Expression, type jsonb, rewriteIds } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { catalogOf, databaseWith } from '../plan/planned.ts'
import { boards, clinics, m, migrate, named, rooms, schema } from './documents.ts'

const rewritten = [
  { clinicId: 'c1' },
  { deep: [[{ clinicId: 'c"3', 'the "clinics"': ['c1', 'c1'] }], { clinicId: { clinicId: 'clinicId' } }] },
  { roomIds: [2, 1], more: { roomIds: '1', clinicId: 'c1' } },
]
const untouched = [
  undefined,
  null,
  [],
  'clinicId',
  ['clinicId', 'c1'],
  { clinicid: 'c1', other: 'c1' },
  { clinicId: null, 'the "clinics"': ['c1', null], roomIds: [[1], 2] },
  { clinicId: [], roomIds: true, 'the "clinics"': {} },
]

test('ids are followed wherever they stand, and nothing else is touched', async () => {
  const { id, layouts, logs } = await migrate([...rewritten, ...untouched], (x) => rewriteIds(x, named).orQuarantine())
  expect(layouts).toEqual({
    0: { clinicId: id('c1') },
    1: {
      deep: [
        [{ clinicId: id('c"3'), 'the "clinics"': [id('c1'), id('c1')] }],
        { clinicId: { clinicId: id('clinicId') } },
      ],
    },
    2: { roomIds: [102, 101], more: { roomIds: 101, clinicId: id('c1') } },
    ...Object.fromEntries(untouched.map((document, i) => [i + rewritten.length, document ?? null])),
  })
  expect(logs).toEqual([])
})

const failing = [
  { clinicId: 'c1', roomIds: ['1'] },
  { clinicId: 'lost', roomIds: [1] },
  { clinicId: 'c2', roomIds: [2] },
  { clinicId: ['lost', 'c2', 'c1'] },
  { clinicId: '' },
]

test('orKeep: what leads nowhere stays and is noted, the rest is followed', async () => {
  const { id, layouts, logs } = await migrate(failing, (x) => rewriteIds(x, named).orKeep('lost-id'))
  expect(layouts).toEqual({
    0: { clinicId: id('c1'), roomIds: [101] },
    1: { clinicId: 'lost', roomIds: [101] },
    2: { clinicId: 'c2', roomIds: [102] },
    3: { clinicId: ['lost', 'c2', id('c1')] },
    4: { clinicId: '' },
  })
  expect(logs).toEqual([
    'note 1 layout lost-id',
    'note 2 layout waiting',
    'note 3 layout lost-id',
    'note 3 layout waiting',
    'note 4 layout lost-id',
  ])
})

test('the other decisions: null, another value, quarantine', async () => {
  const none = await migrate(failing, (x) => rewriteIds(x, named).orNull())
  expect(Object.values(none.layouts).map((layout) => layout === null)).toEqual([false, true, true, true, true])
  expect(none.logs).toEqual([
    'correction 1 layout orphan {"roomIds": [1], "clinicId": "lost"}',
    'correction 2 layout waiting {"roomIds": [2], "clinicId": "c2"}',
    'correction 3 layout orphan {"clinicId": ["lost", "c2", "c1"]}',
    'correction 3 layout waiting {"clinicId": ["lost", "c2", "c1"]}',
    'correction 4 layout orphan {"clinicId": ""}',
  ])
  const aside = await migrate(failing, (x) => rewriteIds(x, named).orQuarantine('lost-id'))
  expect(Object.keys(aside.layouts)).toEqual(['0'])
  expect(aside.logs).toEqual([
    'quarantine 1 lost-id [{"code": "lost-id", "column": "layout"}]',
    'quarantine 2 waiting [{"code": "waiting", "column": "layout"}]',
    'quarantine 3 waiting [{"code": "waiting", "column": "layout"}, {"code": "lost-id", "column": "layout"}]',
    'quarantine 4 lost-id [{"code": "lost-id", "column": "layout"}]',
  ])
})

test('together with asObject; a document of a thousand ids', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ clinicId: i % 2 === 0 ? 'c1' : 'c"3', at: i }))
  const { id, layouts } = await migrate([many, 'x'], (x) => asObject(rewriteIds(x, named).orKeep(), { key: 'widgets' }))
  expect(layouts).toEqual({
    0: { widgets: many.map(({ clinicId, at }) => ({ clinicId: id(clinicId), at })) },
    1: { widgets: 'x' },
  })
})

test('the mappings behind the names are carried first', async () => {
  const database = await databaseWith(schema)
  const { mappings } = buildPlan(
    m.migration([boards((x) => rewriteIds(x, named).orKeep()), rooms, clinics]),
    await catalogOf(database),
  )
  expect(mappings.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
    ['clinics', []],
    ['rooms', []],
    ['boards', ['clinics', 'rooms']],
  ])
  expect(() => rewriteIds({} as Expression<jsonb>, {})).toThrow('was given no member')
})
