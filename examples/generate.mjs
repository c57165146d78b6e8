/**
 * Generates the Prisma clients of the examples' schemas into their `prisma/generated/`, without a network.
 *
 *     npm run generate
 *
 * `--if-possible`, as an installation calls it: where the clients cannot be made, or are not wanted (npm's `--omit=dev`),
 * says so and ends well. Without them the probes of the application are not asked, and everything else works.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const schemas = [
  'dental-clinic/prisma/legacy.prisma',
  'dental-clinic/prisma/app.prisma',
  'blog-int-to-uuid/prisma/before.prisma',
  'blog-int-to-uuid/prisma/after.prisma',
]

const isOptional = process.argv.includes('--if-possible')

/** @param {string} schema */
async function generate(schema) {
  const require = createRequire(import.meta.url)
  const command = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  const file = fileURLToPath(new URL(schema, import.meta.url))
  const child = spawn(process.execPath, [command, 'generate', '--schema', file, '--no-hints'], {
    // The introspection engine would be downloaded, and is not needed: an engine that is given is not looked for.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`prisma generate of ${schema} ended with ${code}.\n${output}`)
}

try {
  await Promise.all(schemas.map(generate))
} catch (error) {
  const { message } = error
  console.error(isOptional ? `The examples' Prisma clients are not made (npm run generate): ${message}` : message)
  process.exitCode = isOptional ? 0 : 1
}
