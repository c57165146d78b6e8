import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { onServer } from '../support/postgres.ts'

const suite = fileURLToPath(new URL('./shop.suite.ts', import.meta.url))

/** Runs the suite in a process of its own, on the server that the environment names. */
function runSuite(environment: Readonly<Record<string, string>>) {
  const { NODE_OPTIONS, VITEST, ...env } = process.env
  const { stdout, status } = spawnSync(process.execPath, ['--conditions=source', '--test-reporter=spec', suite], {
    encoding: 'utf8',
    env: { ...env, ...environment },
    timeout: 60_000,
  })
  return { stdout, status, made: [...stdout.matchAll(/made (drover_test_\w+)/g)].map(([, name]) => name!) }
}

test('a suite of node:test ends by itself, tells what differs, and leaves no database behind', async () => {
  const { stdout, status, made } = runSuite({ DROVER_TEST_DATABASE_URL: inject('serverUrl') })
  expect(stdout).toContain('pass 1\n')
  expect(stdout).toContain('fail 1\n')
  expect(status).toBe(1)
  expect(stdout).toContain('mapping customers\n')
  expect(stdout).toContain('loaded: expected 5, found 3: 1, 2, 5\n')
  expect(made).toHaveLength(2)
  const { rows } = await onServer((client) => client.query('select from pg_database where datname = any ($1)', [made]))
  expect(rows).toEqual([])
})

test('without a server it has one of its own', () => {
  const { stdout, made } = runSuite({ DROVER_TEST_DATABASE_URL: '' })
  expect(stdout).toContain('pass 1\n')
  expect(made).toHaveLength(2)
})
