import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    globalSetup: ['packages/drover/test/support/server.ts'],
    setupFiles: ['packages/drover/test/support/each-file.ts'],
    // Tests wait for servers, processes and clocks as often as they compute: two at a time leave a machine of two cores
    // idle.
    maxWorkers: 3,
    // No module of the tests or of drover keeps state but for connections, which each file closes: a worker that has loaded
    // and compiled them goes on with the next file.
    isolate: false,
    // Hundreds of processes that tests start load the same modules.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'drover-test-compile-cache') },
    // A machine that is busy with something else can let a server miss a moment that a test waits for. A test that passes
    // the second time is told as such; one that is wrong fails twice.
    retry: process.env.CI === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
