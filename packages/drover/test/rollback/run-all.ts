import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Everything that shows that a run can be taken back: npm run test:rollback [-- --sample]. With --sample, what fits
// into three minutes: without scale M, and of the faults and half-finished runs a few. Ends with `N passed, N failed`.

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const isSample = process.argv.includes('--sample')

interface Part {
  readonly name: string
  run(): Promise<Count>
}

interface Count {
  readonly passed: number
  readonly failed: number
}

const parts: readonly Part[] = [
  { name: 'every golden case, there and back', run: () => tests('packages/drover/test/golden/golden.long.test.ts') },
  {
    name: 'conflicts, script, states, half-finished runs',
    run: () => tests('packages/drover/test/rollback'),
  },
  {
    name: 'the reference migration at scale S, by drover and by the script',
    run: () => script('examples/dental-clinic/test/rollback.ts', 's'),
  },
  {
    name: isSample ? 'faults, a sample' : 'every fault at every point of a rollback',
    run: () => script('packages/drover/test/faults/matrix.ts', 'rollback', '--every', isSample ? '31' : '1'),
  },
  {
    name: 'runs stopped at random points',
    run: () => script('packages/drover/test/rollback/half-run.ts', isSample ? '4' : '20'),
  },
  ...(isSample
    ? []
    : [
        {
          name: 'the reference migration at scale M, by drover and by the script',
          run: () => script('examples/dental-clinic/test/rollback.ts', 'm'),
        },
        {
          name: 'what a rehearsal with one row in a hundred forecasts of scale M',
          run: () => script('examples/dental-clinic/test/rehearsal-m.ts'),
        },
      ]),
]

const total = { passed: 0, failed: 0 }
const lines: string[] = []
for (const { name, run } of parts) {
  console.log(`\n=== ${name}`)
  const started = performance.now()
  const { passed, failed } = await run()
  total.passed += passed
  total.failed += failed
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  lines.push(`${failed === 0 ? '✓' : '✗'} ${name}: ${passed} passed, ${failed} failed (${seconds} s)`)
}
console.log(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

/** Test files, with what vitest counted. */
async function tests(path: string): Promise<Count> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-rollback-'))
  try {
    const file = join(folder, 'result.json')
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const mode = isSample ? [] : ['--mode', 'every-cell']
    const words = ['run', path, ...mode, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const { exit } = await start(vitest, words)
    const { numPassedTests: passed, numFailedTests: failed } = await readFile(file, 'utf8').then(JSON.parse)
    return counted(exit, passed, failed)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A script that ends with how many passed and failed. */
async function script(path: string, ...words: readonly string[]): Promise<Count> {
  const { exit, output } = await start(join(root, path), words)
  const [, passed = 0, failed = 0] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? []
  return counted(exit, Number(passed), Number(failed))
}

/** What ends badly, or did nothing at all, has failed, whatever it counted. */
function counted(exit: number | null, passed: number, failed: number): Count {
  const isSound = failed > 0 || (exit === 0 && passed > 0)
  return { passed, failed: isSound ? failed : 1 }
}

async function start(file: string, words: readonly string[]) {
  const started = spawn(process.execPath, ['--conditions=source', '--no-warnings', file, ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const [exit] = await once(started, 'close')
  return { exit: exit as number | null, output }
}
