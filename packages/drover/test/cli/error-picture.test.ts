import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { describeFailure } from '../../src/cli/failure.ts'
import { DroverError } from '../../src/error.ts'

/** A terminal of 80 columns; without colours unless it is said that it has some. */
function terminal({ columns = 80, hasColours = false } = {}): NodeJS.WriteStream {
  const stream = Object.assign(new Writable({ write: (_, __, done) => done() }), {
    columns,
    isTTY: hasColours,
    getColorDepth: () => 24,
    hasColors: () => true,
  })
  return stream as unknown as NodeJS.WriteStream
}

const picture = (error: DroverError, options?: Parameters<typeof terminal>[0]) =>
  describeFailure(error, 'message', terminal(options)).text

const many = new DroverError('definition-invalid', 'The migration multi-tenant cannot be planned.', {
  findings: [
    'mapping clinics: the source column old.clinics.fax is read by no expression: list it in `dropped`, or map it.',
    'mapping visits: column starts_at: a cast from text to timestamptz can raise an error. Use instantFromText.',
    'mapping clinics: column name: the column does not exist.',
    'source: writes to old.visits cannot be blocked.',
    'mapping visits, from: the join multiplies rows.',
  ],
  remedy: 'Mend these 5 places and plan again.',
})

test('what is found of one mapping stands under its name, in lines of the terminal', () => {
  expect(picture(many)).toBe(`The migration multi-tenant cannot be planned. [definition-invalid]

  mapping clinics
    - the source column old.clinics.fax is read by no expression: list it in
      \`dropped\`, or map it.
    - column name: the column does not exist.
  mapping visits
    - column starts_at: a cast from text to timestamptz can raise an error. Use
      instantFromText.
    - from: the join multiplies rows.
  source
    - writes to old.visits cannot be blocked.

  remedy: Mend these 5 places and plan again.`)
})

test('each finding is shown once, and no line is wider than the terminal', () => {
  const findings = Array.from(
    { length: 30 },
    (_, i) => `mapping m${i % 5}: finding ${i} ${'tells more '.repeat(9)}end.`,
  )
  for (const columns of [40, 80, 200]) {
    const lines = picture(new DroverError('definition-invalid', 'It cannot be planned.', { findings }), {
      columns,
    }).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.min(columns, 100))
    expect(lines.filter((line) => /^ {2}mapping m\d$/.test(line))).toHaveLength(5)
    expect(lines.filter((line) => /^ {4}- finding \d+/.test(line))).toHaveLength(30)
  }
})

test('findings of which no two belong together are a list; facts hang under their names', () => {
  const error = new DroverError('hazard-not-allowed', 'The plan holds hazards that were not allowed.', {
    findings: [
      'merges-rows: Rows of old.clinics with one identity become one row.',
      'unrehearsed: Nobody has seen it.',
    ],
    why: 'first line\nsecond line',
    remedy: 'Read them, then add --allow merges-rows --allow unrehearsed, which takes more than a line.',
  })
  expect(picture(error)).toBe(`The plan holds hazards that were not allowed. [hazard-not-allowed]

  - merges-rows: Rows of old.clinics with one identity become one row.
  - unrehearsed: Nobody has seen it.

  why:    first line
          second line
  remedy: Read them, then add --allow merges-rows --allow unrehearsed, which
          takes more than a line.`)
})

test('anywhere else each finding is one line with its place', () => {
  const lines = describeFailure(many, 'message').text.split('\n')
  expect(lines).toHaveLength(7)
  expect(lines[1]).toBe(`  - ${many.findings[0]}`)
})

test('colours are for terminals that have them, and change no word', () => {
  const sequence = String.fromCharCode(27)
  const plain = picture(many)
  const coloured = picture(many, { hasColours: true })
  expect(plain).not.toContain(sequence)
  expect(coloured).toContain(`${sequence}[31m[definition-invalid]`)
  expect(
    coloured
      .split(sequence)
      .map((part, i) => (i === 0 ? part : part.replace(/^\[\d+m/, '')))
      .join(''),
  ).toBe(plain)
})
