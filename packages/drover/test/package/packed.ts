import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** What is published, and what is known of it. */
export interface Packed {
  /** The archive. */
  readonly file: string
  readonly version: string
  /** The names by which its parts are imported, such as `drover/testing`. */
  readonly imports: readonly string[]
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly files: readonly string[]
}

/** Lays the package out and packs it, in a folder of its own. */
export function packInto(folder: string): Packed {
  const laidOut = join(folder, 'laid-out')
  execFileSync(process.execPath, [join(root, 'packages/drover/package.mjs'), laidOut], { stdio: 'inherit' })
  const told = execFileSync('npm', ['pack', '--json', laidOut], { cwd: folder, encoding: 'utf8' })
  const [packed] = JSON.parse(told) as [NpmPacked]
  const manifest = JSON.parse(readFileSync(join(laidOut, 'package.json'), 'utf8')) as { exports: object }
  return {
    file: join(folder, packed.filename),
    version: packed.version,
    imports: Object.keys(manifest.exports).map((name) => `drover${name.slice(1)}`),
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    files: packed.files.map(({ path }) => path),
  }
}

/** Of what npm tells of an archive. */
interface NpmPacked {
  readonly filename: string
  readonly version: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
