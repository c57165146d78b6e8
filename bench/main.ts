// npm run bench -- <name> [options]: runs one bench. Without a name: lists them.
import { readdirSync } from 'node:fs'
import type { Bench } from './bench.ts'

const folder = new URL('./benches/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()
const load = async (name: string) => ((await import(new URL(`${name}.ts`, folder).href)) as { default: Bench }).default

const [name, ...options] = process.argv.slice(2)
if (name !== undefined && names.includes(name)) {
  await (await load(name)).run(options)
} else {
  console.error('npm run bench -- <name>, where name is one of:')
  for (const known of names) console.error(`  ${known.padEnd(12)} ${(await load(known)).about}`)
  process.exitCode = 2
}
