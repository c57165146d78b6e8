import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** What everything is measured with. */
export function readMachine(): Readonly<Record<string, string>> {
  const manifest = new URL('../../packages/drover/package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return {
    drover: version,
    node: process.versions.node,
    processors: `${cpus().length} (${cpus()[0]?.model.trim() ?? 'unknown'})`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  }
}
