import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { droverVersion } from '../../src/plan/version.ts'

test('plans and ledgers name the version that is published', () => {
  expect(droverVersion).toBe(manifest.version)
})
