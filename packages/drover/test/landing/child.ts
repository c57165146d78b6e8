import { openDatabase } from '../../src/db/pg.ts'
import { land } from '../../src/landing/land.ts'

// A process that lands the schema `old` in small chunks and writes a line for each: node child.ts <source> <target>.

const [source, target] = process.argv.slice(2) as [string, string]
const from = await openDatabase(source, { connections: 3 })
const to = await openDatabase(target, { connections: 4 })
await land(from, to, {
  selection: { schemas: ['old'], tables: [] },
  frozen: true,
  chunkBytes: 65_536,
  onEvent: ({ kind }) => process.stdout.write(`${kind}\n`),
})
process.exit(0)
