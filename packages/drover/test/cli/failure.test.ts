import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/cli/failure.ts'
import { DroverError as OwnError } from '../../src/error.ts'

/** What a second copy of the library, loaded by a migration file, throws: the same but for its class. */
class DroverError extends Error {
  override readonly name = 'DroverError'
  readonly code = 'definition-invalid'
  readonly what = 'The cutover is not an instant.'
  readonly remedy = 'Write an ISO instant.'
  readonly findings = []
}

describe('a failure', () => {
  it('of another copy of the library is told like any other', () => {
    expect(describeFailure(new DroverError(), 'message')).toEqual({
      exit: 2,
      text: 'The cutover is not an instant. [definition-invalid]\n  remedy: Write an ISO instant.',
    })
  })

  it('shows what a key would do to a terminal, and does none of it', () => {
    const error = new OwnError('rollback-conflicts', 'Rows were changed.', {
      where: 'row a\u001b[2J',
      why: 'first line\nsecond\u202e line',
      findings: ['public.users: x\ny'],
    })
    const { text } = describeFailure(error, 'message')
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(text).toContain('row a␛[2J')
    expect(text).toContain('first line\nsecond')
    expect(text).toContain('  - public.users: x␊y\n')
  })

  it('that nobody foresaw is called a bug, in one sentence', () => {
    expect(describeFailure(new TypeError("Cannot read properties of undefined (reading 'name')"), 'message')).toEqual({
      exit: 1,
      text: "This is a bug of drover: TypeError: Cannot read properties of undefined (reading 'name').\n  remedy: Please report it, with what --verbose adds and what drover --version says.",
    })
  })

  it.each([
    new SyntaxError('Cannot convert Alice Doe to a BigInt'),
    new Error('Alice Doe'),
    Object.assign(new TypeError("Received 'Alice Doe'"), { code: 'ERR_INVALID_ARG_TYPE' }),
    Object.assign(new Error('invalid input syntax for type uuid: "Alice Doe"'), { code: '22P02' }),
    'Alice Doe',
    new Error('outer', { cause: new Error('Alice Doe') }),
  ])('never shows what may be the value of a row: %s', (thrown) => {
    for (const detail of ['message', 'stack'] as const) {
      expect(describeFailure(thrown, detail)).toEqual({ exit: 1, text: expect.not.stringContaining('Alice') })
    }
  })

  it('shows where it was thrown when asked', () => {
    expect(describeFailure(new Error('x'), 'message').text).not.toMatch(/^\s+at /m)
    expect(describeFailure(new Error('x'), 'stack').text).toMatch(/^\s+at .*failure\.test\.ts/m)
  })

  it('of a lost connection is no bug', () => {
    expect(describeFailure(new Error('Connection terminated unexpectedly'), 'message')).toMatchObject({
      exit: 1,
      text: expect.stringContaining('The connection to the server was lost. [database-unreachable]'),
    })
  })
})
