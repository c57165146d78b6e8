import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expression, jsonb, text } from '../../src/index.ts'
import { parseJson, sql } from '../../src/index.ts'
import { constantPlacer } from '../../src/plan/constant.ts'
import type { TransformContext } from '../../src/plan/transform.ts'
import { compile } from '../../src/sql/compile.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'
import { isJsonb } from './json-oracle.ts'

const database = await createDatabase()
const [server] = await database.query<{ version: number }>(
  `select current_setting('server_version_num')::int as version`,
)
/** The older form runs on every server, the newer one where the server can be asked. */
const forms = [150_000, 160_000].filter((version) => version <= Math.max(server!.version, 150_000))

/** The SQL of a text's jsonb for a server of that version, over the column `x`. */
function formOf(version: number): string {
  const context = { catalog: { serverVersion: version } } as TransformContext
  const value = parseJson(sql.ref<text>('t.x')).orNull()
  return compile(constantPlacer(context)(value.toOperationNode()))
}

test('the server is asked where it can be', () => {
  expect(formOf(150_000)).not.toContain('pg_input_is_valid')
  expect(formOf(160_000)).toContain('pg_input_is_valid')
  expect(formOf(180_004)).toBe(formOf(160_000))
})

/** Whether the form of each version takes the texts. */
async function taken(texts: readonly string[], version: number): Promise<readonly boolean[]> {
  const rows = await database.query<{ ok: boolean }>(
    `select (${formOf(version)}) is not null as ok from unnest($1::text[]) with ordinality as t (x, n) order by n`,
    [texts],
  )
  return rows.map(({ ok }) => ok)
}

async function expectAgreement(texts: readonly string[], remark = ''): Promise<void> {
  const expected = texts.map(isJsonb)
  for (const version of forms) {
    const found = await taken(texts, version)
    const differences = texts.flatMap((text, i) =>
      found[i] === expected[i] ? [] : [{ text: text.slice(0, 200), length: text.length, found: found[i] }],
    )
    expect(differences, `form of ${version} ${remark}`).toEqual([])
  }
}

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)

test('the check takes what JSON and jsonb take, and nothing else, in the form of every server', async () => {
  const good = [
    ...['0', '-0', '1.5e-3', '1E+2', '""', '"a"', 'null', 'true', 'false', '[]', '{}', ' \t\n\r[ ] \n', '{"a":{}}'],
    ...['[1, "a", null, {"b": [true]}]', '{"a":1,"a":2}', '{"":""}', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0001"'],
    ...['"\\ud83d\\uDE00"', '"\\\\u0000"', '"\u007f"', '"\u2028é😀"', `"${'['.repeat(2000)}"`, '"]}[{,:"'],
    ...[nested('[', ']', 512), `${nested('{"a":[', ']}', 256)}`.replace('[]', '[1]')],
    ...['1e131071', '-9.99e131071', '0e1073741822', '1e-16383', `0.${'0'.repeat(16_382)}1`, '9'.repeat(131_072)],
    ...['1e00000000000000000000005', '0.0001e131075', `1${'0'.repeat(300)}e-300`],
    `[${'{"a":[1,2]},'.repeat(5000)}0]`,
  ]
  const bad = [
    ...['', ' ', '\u00a0', '\ufeff{}', 'nul', 'nulll', 'nulltrue', 'True', 'NaN', 'Infinity', 'undefined', "'a'", 'a'],
    ...['01', '-', '+1', '.5', '1.', '1.e5', '1e', '1e+', '--1', '0x10', '1_000', '1 2', '1true', '-01', '00', '1,2'],
    ...['"', '"a', 'a"', '"""', '"a""b"', '"\t"', '"\n"', '" \t "', '"\u0000"'.replace('\0', '\u0001'), '"\\x41"'],
    ...['"\\u12"', '"\\u123g"', '"\\', '"\\"', '"\\u0000"', '"\\ud800"', '"\\udc00"', '"\\udc00\\ud800"'],
    ...['"\\ud800\\ud800"', '"\\ud800a"', '"\\ud800\\n"', '{"\\ud800":1,"\\ud800":2}', '"\\ud83d\\u0041"'],
    ...['[', ']', '[1,]', '[,1]', '[,]', '[1 2]', '[1]]', '[[1]', '{', '}', '{"a"}', '{"a":}', '{:1}', '{"a":1,}'],
    ...['{a:1}', '{1:1}', '{"a" 1}', '{"a":1 "b":2}', '{"a":1,"b"}', '{"a",1}', '["a":1]', '[}', '{]', '{[]:1}'],
    ...['[1}', '{"a":1]', '""""', '{"a":"b":"c"}', '{null:1}', '// a\n1', '[1]//', '/**/1', '"a" "b"', '{} {}', '[]1'],
    ...[nested('[', ']', 513), nested('[', ']', 20_000), '['.repeat(100_000), `${'['.repeat(600)}"`],
    ...['1e131072', '1e-16384', '0e1073741824', '1e99999999999999999999', '-1e-99999999999999999999', '0e-20000'],
    ...['9'.repeat(131_073), `[1, ${'9'.repeat(131_073)}]`, '0.0001e131076', '1e12345678901'],
  ]
  expect(good.filter((text) => !isJsonb(text)).map((text) => text.slice(0, 99))).toEqual([])
  expect(bad.filter(isJsonb).map((text) => text.slice(0, 99))).toEqual([])
  await expectAgreement([...good, ...bad])
})

test('the limit of the length is the same in every form', async () => {
  await expectAgreement([`"${'a'.repeat(2 ** 24 - 2)}"`, `"${'a'.repeat(2 ** 24 - 1)}"`, `"${'é'.repeat(2 ** 23)}"`])
})

/** Values as an application writes them, with blanks. */
const written = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t', ' \n'))
  .map(([value, space]) => JSON.stringify(value, null, space))
const unit = fc.constantFrom(
  ...'[]{},:"\\u0123dD89aEe+-.tfn \t\n'.split(''),
  'true',
  'null',
  '"a"',
  '\\ud83d',
  '\\ude00',
)
/** The same with a few characters put in, taken out or replaced. */
const mutated = fc
  .tuple(written, fc.array(fc.tuple(fc.nat(), fc.nat(2), unit), { minLength: 1, maxLength: 3 }))
  .map(([text, changes]) =>
    changes.reduce((before, [place, removed, put]) => {
      const at = place % (before.length + 1)
      return before.slice(0, at) + put + before.slice(at + removed)
    }, text),
  )
const soup = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(''))
const scalar = fc.oneof(
  fc.constantFrom('0', '-1', '1.5', '1e3', '""', '"a"', 'null', 'true', '{}', '[]'),
  fc.constantFrom('01', '1.', '"\\u0000"', 'nul', '-', '"', '[', '}', ',', ':'),
)
/** Values and brackets in an order that is nearly right. */
const structured = fc
  .array(fc.oneof(scalar, fc.constantFrom('[', ']', '{', '}', ',', ',', ':', '"a":', ' ', '\n')), { maxLength: 14 })
  .map((parts) => parts.join(''))
const candidate = fc
  .oneof(written, mutated, soup, structured)
  .filter((text) => text.isWellFormed() && !text.includes('\0'))

test('any text: the forms agree with JSON.parse and the limits of jsonb', async () => {
  const seed = Date.now()
  const texts = [...new Set(fc.sample(candidate, { numRuns: 4_000, seed }))]
  await expectAgreement(texts, `seed ${seed}`)
  const valid = texts.filter(isJsonb).length
  expect(valid, `seed ${seed}`).toBeGreaterThan(texts.length / 10)
  expect(valid, `seed ${seed}`).toBeLessThan(texts.length * 0.9)
})

test('parseJson: decisions, nulls, json columns; other text wrapped', async () => {
  const rows = await carry(
    database,
    { x: 'text', j: 'json' },
    [
      { x: '{"round": 2}', j: '{"a":\t1}' },
      { x: 'trim, then divide by 100', j: '"\\u0000"' },
      { x: null, j: null },
    ],
    ({ x, j }) => ({
      rule: ['jsonb', parseJson(x!).orElse(sql<jsonb>`to_jsonb((${x!})::text)`, 'wrapped')],
      strict: ['jsonb', parseJson(x!).orNull()],
      old: ['jsonb', parseJson(j as Expression<text>).orNull()],
    }),
  )
  expect(rows.map((row) => row.values)).toEqual([
    { rule: '{"round": 2}', strict: '{"round": 2}', old: '{"a": 1}' },
    { rule: '"trim, then divide by 100"', strict: null, old: null },
    { rule: null, strict: null, old: null },
  ])
  expect(rows.map((row) => row.corrections)).toEqual([
    [],
    ['old not-json "\\u0000"', 'rule wrapped trim, then divide by 100', 'strict not-json trim, then divide by 100'],
    [],
  ])
  const aside = await carry(database, { x: 'text' }, [{ x: '1' }, { x: '{' }, { x: null }], ({ x }) => ({
    y: ['jsonb', parseJson(x!).orQuarantine()],
  }))
  expect(aside.map((row) => row.quarantine)).toEqual([[], ['not-json'], []])
})
