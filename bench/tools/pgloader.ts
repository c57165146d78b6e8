import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, runProgram } from '../harness/program.ts'

/** The same tables with casts only: all that it has for rows. Its own count of errors decides whether it went well. */
export async function load(source: string, target: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  const file = join(folder, 'values.load')
  await writeFile(
    file,
    `load database
  from ${source}
  into ${target}
with create tables, create indexes, reset no sequences, workers = 2, concurrency = 1
cast type "timestamp without time zone" to timestamptz drop typemod
including only table names matching ~/./ in schema 'legacy';
`,
  )
  try {
    const ended = await runProgram({ program: 'pgloader', args: [file], cwd: folder })
    const isWell = ended.code === 0 && !/\b(ERROR|FATAL|KABOOM)\b/.test(ended.stdout + ended.stderr)
    if (!isWell) throw new Error(`pgloader ended with ${ended.code}: ${(ended.stdout + ended.stderr).slice(-2000)}`)
    return ended
  } finally {
    await rm(folder, { recursive: true })
  }
}
