import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, runProgram } from '../harness/program.ts'

/** A clone of a whole database: two tables and two indexes at a time, as there are processors. */
export async function clone(source: string, target: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  try {
    const jobs = ['--table-jobs', '2', '--index-jobs', '2']
    const args = ['clone', '--source', source, '--target', target, '--dir', join(folder, 'work'), ...jobs]
    const ended = await runProgram({ program: 'pgcopydb', args })
    if (ended.code !== 0) throw new Error(`pgcopydb ended with ${ended.code}: ${ended.stderr.slice(-2000)}`)
    return ended
  } finally {
    await rm(folder, { recursive: true })
  }
}
