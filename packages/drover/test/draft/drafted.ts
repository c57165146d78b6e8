import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { callInProcess } from '../cli/in-process.ts'
import { complaintsOf } from '../support/complaints.ts'

const results = fileURLToPath(new URL('../../../../test-results/draft/', import.meta.url))

/** A draft in a folder of its own, which lies in the repository so that `drover` is found by its name. */
export interface Drafted {
  readonly folder: string
  /** The file of that name. */
  read(name: string): string
  /** Replaces what fits, which must be there. */
  answer(question: RegExp, answer: string): void
  /** The lines of the migration that the compiler refuses, with what it says; nothing else may be refused. */
  refused(): readonly string[]
  /** The table that was printed. */
  readonly told: string
}

/** Calls `drover init` for a database, into an empty folder. */
export async function draft(name: string, database: string, ...words: readonly string[]): Promise<Drafted> {
  const folder = join(results, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { exit, stdout, stderr } = await callInProcess(['init', '--dir', folder, ...words], database)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringContaining('Now read migration.ts') })
  const options = { extends: '../../../tsconfig.json', compilerOptions: { noEmit: true }, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, exclude: [] }))
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  return {
    folder,
    read,
    told: stdout,
    answer(question, answer) {
      const text = read('migration.ts')
      expect(text).toMatch(question)
      writeFileSync(join(folder, 'migration.ts'), text.replace(question, answer))
    },
    refused() {
      const complaints = complaintsOf(folder)
      expect([...complaints.keys()].filter((file) => file !== 'migration.ts')).toEqual([])
      const lines = read('migration.ts').split('\n')
      return (complaints.get('migration.ts') ?? []).map(({ line, message }) =>
        message.includes('Put your decision in place of undecided()') ? lines[line - 1]!.trim() : message,
      )
    },
  }
}
