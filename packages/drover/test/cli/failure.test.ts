import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/cli/failure.ts'

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
