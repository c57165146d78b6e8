import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    globalSetup: ['packages/drover/test/support/server.ts'],
    // Tests wait for servers and clocks more than they compute: one file at a time would leave a machine idle.
    maxWorkers: 2,
    // A machine that is busy with something else can let a server miss a moment that a test waits for. A test that passes
    // the second time is told as such; one that is wrong fails twice.
    retry: process.env.CI === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
