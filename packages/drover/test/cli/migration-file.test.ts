import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../support/postgres.ts'
import { allowed, drover, expectRefusal, expectUntouched, sourceDatabase } from './drover.ts'

/** A project of its own, with drover installed. */
let project: string
let database: TestDatabase

beforeAll(async () => {
  database = await sourceDatabase()
  project = await mkdtemp(join(tmpdir(), 'drover-project-'))
  await mkdir(join(project, 'node_modules'))
  await symlink(fileURLToPath(new URL('../../', import.meta.url)), join(project, 'node_modules/drover'))
})

afterAll(() => rm(project, { recursive: true, force: true }))

async function fileOf(name: string, lines: readonly string[]): Promise<string> {
  const file = join(project, name)
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

const header = "import { defineMigration } from 'drover'"
const options = "{ name: 'empty', cutover: '2025-06-01T00:00:00Z' }"

describe.concurrent('a migration file', () => {
  it.each<{ name: string; lines: readonly string[]; what: string; told: readonly (string | RegExp)[]; remedy: string }>(
    [
      {
        name: 'syntax.ts',
        lines: [header, `const m = defineMigration<{}, {}>(${options}`, 'export default m.migration([])'],
        what: 'The migration file has a syntax error.',
        told: [/where: {2}\S*syntax\.ts:3$/m],
        remedy: 'Mend it',
      },
      {
        name: 'syntax.mjs',
        lines: [header, `const m = defineMigration(${options}`, 'export default m.migration([])'],
        what: 'The migration file has a syntax error.',
        told: [/where: {2}\S*syntax\.mjs:3$/m],
        remedy: 'Mend it',
      },
      {
        name: 'no-default.ts',
        lines: [header, `export const migration = defineMigration(${options}).migration([])`],
        what: 'The migration file has no default export.',
        told: ['no-default.ts'],
        remedy: 'export default m.migration',
      },
      {
        name: 'not-a-migration.ts',
        lines: [header, `export default defineMigration(${options})`],
        what: 'The default export of the migration file is not a migration.',
        told: ['not-a-migration.ts'],
        remedy: 'export default m.migration',
      },
      {
        name: 'missing-package.ts',
        lines: ["import { nothing } from 'a-package-that-nobody-installed'", 'export default nothing'],
        what: 'The migration file imports something that does not exist.',
        told: ["Cannot find package 'a-package-that-nobody-installed'"],
        remedy: 'install the package',
      },
      {
        name: 'missing-file.ts',
        lines: ["import { nothing } from './not-there.ts'", 'export default nothing'],
        what: 'The migration file imports something that does not exist.',
        told: ['not-there.ts'],
        remedy: 'Correct the import',
      },
      {
        name: 'throws.ts',
        lines: ['const settings: any = {}', 'export default settings.missing.name'],
        what: 'The migration file failed while it was loaded.',
        told: [/where: {2}\S*throws\.ts:2$/m, 'TypeError: Cannot read properties of undefined'],
        remedy: 'Mend it',
      },
    ],
  )('that is wrong as $name is refused', async ({ name, lines, ...refusal }) => {
    const result = await drover(['run', await fileOf(name, lines), ...allowed], { database: database.url })
    expectRefusal(result, { exit: 2, code: 'migration-file-unreadable', ...refusal })
    await expectUntouched(database)
  })

  it('that does not exist is refused', async () => {
    expectRefusal(await drover(['run', 'nowhere/migration.ts'], { database: database.url }), {
      exit: 2,
      code: 'migration-file-unreadable',
      what: 'The migration file does not exist.',
      told: ['nowhere/migration.ts'],
      remedy: 'Check the path',
    })
  })

  it('tells what the definition itself complains of', async () => {
    const lines = [header, "export default defineMigration({ name: 'x', cutover: 'tomorrow' }).migration([])"]
    expectRefusal(await drover(['plan', await fileOf('cutover.ts', lines)], { database: database.url }), {
      exit: 2,
      code: 'definition-invalid',
      what: 'The cutover is not an instant.',
      remedy: 'Write an ISO instant',
    })
  })

  it('that Node cannot load by itself is loaded all the same', async () => {
    await fileOf('names.ts', ["export enum Name { empty = 'empty' }"])
    const file = await fileOf('enumeration.ts', [
      header,
      "import { Name } from './names'",
      "export default defineMigration({ name: Name.empty, cutover: '2025-06-01T00:00:00Z' }).migration([])",
    ])
    const { exit, stdout } = await drover(['plan', file], { database: database.url })
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('of migration empty') })
  })
})
