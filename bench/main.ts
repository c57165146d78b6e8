// npm run bench -- [part …] [options]: measures the parts by name, or all. --help lists them.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { holds } from './harness/claim.ts'
import { readMachine } from './harness/machine.ts'
import type { Part } from './harness/part.ts'
import { renderResult } from './harness/print.ts'
import { makeReady } from './harness/program.ts'
import { partNames } from './parts/names.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    strict: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const load = async (name: string) =>
  ((await import(new URL(`./parts/${name}.ts`, import.meta.url).href)) as { default: Part }).default

if (flags.help || positionals.some((name) => !partNames.includes(name))) await printHelp()
else await measureParts(positionals.length > 0 ? positionals : partNames)

async function printHelp(): Promise<void> {
  console.error(`npm run bench -- [part …]

Ratios, taken in one run: variants in turn, medians over rounds. Without a part: all of them.

  --quick         small sizes, one round: everything in under five minutes
  --rows <n>      rows of the tables that grow (default: the part's own, mostly a million)
  --rounds <n>    rounds that count (default: 3, quick: 1)
  --only <name>   of the part's variants; repeatable
  --json <file>   what was found (default: bench/results/<part>.json)
  --strict        ends with 1 where a ratio is not what it must be
`)
  for (const name of partNames) console.error(`  ${name.padEnd(12)} ${(await load(name)).about}`)
  process.exitCode = flags.help ? 0 : 2
}

async function measureParts(names: readonly string[]): Promise<void> {
  const { quick, only } = flags
  const rounds = Number(flags.rounds ?? (quick ? 1 : 3))
  const machine = readMachine()
  await makeReady()
  console.log(
    Object.entries(machine)
      .map(([name, what]) => `${name} ${what}`)
      .join(' · '),
  )
  const failing: string[] = []
  const broken: string[] = []
  for (const name of names) {
    const part = await load(name)
    console.log(`\n${name}: ${part.about}`)
    const settings = { quick, rounds, rows: Number(flags.rows ?? part.rows[quick ? 'quick' : 'usual']), only }
    try {
      const result = await part.measure(settings)
      console.log(renderResult(result))
      const claims = result.claims.map((claim) => ({ ...claim, holds: holds(claim) ?? null }))
      const at = new Date().toISOString()
      await write(name, { part: name, at, machine, options: settings, ...result, claims })
      failing.push(...claims.filter((claim) => claim.holds === false).map(({ says }) => `${name}: ${says}`))
    } catch (error) {
      // What others take half an hour to find is not lost for it.
      broken.push(name)
      console.error(error)
    }
  }
  if (failing.length > 0) console.log(['', `What must hold and does not: ${failing.length}`, ...failing].join('\n  '))
  if (quick) console.log('\nSo few rows tell whether it works: beside them the start of a process weighs most.')
  if (broken.length > 0) console.log(`\nParts that failed: ${broken.join(', ')}`)
  if (broken.length > 0 || (flags.strict && failing.length > 0)) process.exitCode = 1
}

/** With one file for several parts, each has a line of its own in it. */
async function write(name: string, result: unknown): Promise<void> {
  const file = flags.json ?? fileURLToPath(new URL(`./results/${name}.json`, import.meta.url))
  await mkdir(dirname(file), { recursive: true })
  const text = flags.json === undefined ? `${JSON.stringify(result, null, 2)}\n` : `${JSON.stringify(result)}\n`
  await writeFile(file, text, { flag: flags.json === undefined ? 'w' : 'a' })
}
