import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from '../../../harness/program.ts'

const packages = ['prisma', '@prisma/client', '@prisma/adapter-pg']

/** The packages of Prisma that are not installed. */
export function missingPackages(): readonly string[] {
  const { resolve } = createRequire(import.meta.url)
  // Not all of them export their manifest.
  const isInstalled = (name: string) => (resolve.paths(name) ?? []).some((folder) => existsSync(join(folder, name)))
  return packages.filter((name) => !isInstalled(name))
}

/** Prisma's version by name, where it is installed. */
export function readPrismaVersion(): Readonly<Record<string, string>> {
  if (missingPackages().length > 0) return {}
  const { version } = createRequire(import.meta.url)('prisma/package.json') as { version: string }
  return { prisma: version }
}

/**
 * Makes the client beside the schema, without a network.
 *
 * @throws Error with what Prisma's command said
 */
export async function generateClient(): Promise<void> {
  const command = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js')
  const { code, stdout, stderr } = await runProgram({
    program: process.execPath,
    args: [command, 'generate', '--schema', fileURLToPath(new URL('schema.prisma', import.meta.url)), '--no-hints'],
    // The introspection engine would be downloaded, and is not needed: an engine that is given is not looked for.
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  })
  if (code !== 0) throw new Error(`prisma generate ended with ${code}.\n${stdout}${stderr}`)
}
