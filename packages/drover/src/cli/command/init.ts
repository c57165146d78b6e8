import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Catalog } from '../../catalog/catalog.ts'
import { renderTypeName } from '../../catalog/identifiers.ts'
import { renameSchemas } from '../../catalog/rename-schemas.ts'
import { renderTypes } from '../../catalog/types.ts'
import { draftMigration } from '../../draft/draft-migration.ts'
import { renderConfig } from '../../draft/render-config.ts'
import { renderMigration } from '../../draft/render-migration.ts'
import { DroverError } from '../../error.ts'
import { ask, type Question } from '../ask.ts'
import { configOption, type ReadConfig, readConfig } from '../config-file.ts'
import { connectionSettings, type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import { renderDraft } from '../draft-text.ts'
import { collect } from '../flags.ts'
import type { Io } from '../io.ts'
import { readSchemas } from '../read-schemas.ts'
import { writeResult } from '../result.ts'
import {
  openSource,
  renames,
  type SourceFlags,
  sourceDefaults,
  sourceOption,
  sourceUrl,
  withRenames,
} from '../source.ts'

interface InitFlags extends DatabaseFlags, SourceFlags {
  readonly from?: readonly string[]
  readonly to?: readonly string[]
  readonly name?: string
  readonly dir: string
  readonly force?: boolean
}

/** `drover init`: a migration as far as two schemas tell it. */
export function defineInit(command: Command, io: Io): void {
  withRenames(command)
    .description(
      'Drafts a migration between two schemas: types of both, settings of drover and, where there are none, of the compiler, and a migration.ts with what names, types and foreign keys tell. What only you can decide stands there as undecided(…), which does not compile. Reads the catalog and no rows; asks for what no flag says.',
    )
    .addOption(databaseOption())
    .addOption(sourceOption(`${sourceDefaults}; else the source lies in the target database`))
    .addOption(configOption())
    .option('--from <schemas>', 'schemas of the source, separated by commas; repeatable', collect)
    .option('--to <schemas>', 'schemas of the target, separated by commas; repeatable', collect)
    .option('--name <name>', 'the name of the migration (default: that of the directory)')
    .option('--dir <directory>', 'where the files are written', '.')
    .option('--force', 'write over files that are there')
    .addHelpText(
      'after',
      `
Examples:
  $ drover init
  $ drover init --from legacy --to public,auth
  $ drover init --source-url postgresql://…/old --as public=legacy --from public --to public`,
    )
    .action(async (flags: InitFlags) => {
      const config = await readConfig(flags, io.env)
      const answered = await answers(flags, io)
      const as = renames(flags, config)
      const from = answered.from.map((schema) => as.get(schema) ?? schema)
      requireApart(from, answered.to)
      const catalog = await readBoth(flags, config, io, answered)
      const draft = draftMigration(catalog, { from, to: answered.to })
      if (draft.mappings.length === 0) throw nothingMatches(from, answered.to)
      const [source, target] = [typesOf(catalog, from), typesOf(catalog, answered.to)]
      const name = flags.name ?? basename(resolve(flags.dir))
      const cutover = `${new Date().toISOString().slice(0, 19)}Z`
      const isElsewhere = sourceUrl(flags, config) !== undefined
      const hasCompilerOptions = await isThere(join(flags.dir, 'tsconfig.json'))
      await writeFiles(io, flags, [
        // Where settings stand already, they stay.
        ...(config.file === undefined
          ? [{ name: 'drover.config.ts', text: renderConfig({ landAs: as, isElsewhere }) }]
          : []),
        ...[source, target].map(({ file, text }) => ({ name: file, text })),
        ...(hasCompilerOptions ? [] : [{ name: 'tsconfig.json', text: compilerOptions }]),
        { name: 'migration.ts', text: renderMigration(draft, { name, cutover, from: source, to: target }) },
      ])
      io.stdout.write(`${renderDraft(draft)}\n`)
      io.stderr.write(
        'Now read migration.ts, decide what is undecided, and let the compiler look at it; then: drover check migration.ts\n',
      )
    })
}

interface Answers {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

async function answers(flags: InitFlags, io: Io): Promise<Answers> {
  const missing: Question[] = []
  if (flags.from === undefined)
    missing.push({ text: 'Which schemas hold the source?', flag: '--from', standard: 'legacy' })
  if (flags.to === undefined) missing.push({ text: 'Which schemas are the target?', flag: '--to', standard: 'public' })
  const said = (await ask(io, missing)).map((answer) => collect(answer, undefined))
  const of = (flag: string) => said[missing.findIndex((question) => question.flag === flag)]!
  return { from: flags.from ?? of('--from'), to: flags.to ?? of('--to') }
}

/** The catalog of both, as a migration sees them: a source on another server lies in the target, under its new names. */
async function readBoth(flags: InitFlags, config: ReadConfig, io: Io, { from, to }: Answers): Promise<Catalog> {
  const elsewhere = sourceUrl(flags, config)
  const target = await reading(openNamed(flags, io), elsewhere === undefined ? [...from, ...to] : to)
  if (elsewhere === undefined) return target
  const opened = openSource(elsewhere, 0, connectionSettings(config))
  const source = renameSchemas(await reading(opened, from), renames(flags, config))
  return { ...target, tables: [...source.tables, ...target.tables], enums: [...source.enums, ...target.enums] }
}

async function reading(opened: ReturnType<typeof openNamed>, schemas: readonly string[]): Promise<Catalog> {
  const db = await opened
  try {
    return await readSchemas(db, schemas)
  } finally {
    await db.close()
  }
}

function typesOf(catalog: Catalog, schemas: readonly string[]) {
  const interfaceName = renderTypeName(schemas[0]!)
  const base = schemas[0]!.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-')
  return {
    interfaceName,
    file: `./${base}.types.ts`,
    text: renderTypes(catalog, { interfaceName, schemas }),
  }
}

function requireApart(from: readonly string[], to: readonly string[]): void {
  const both = from.filter((schema) => to.includes(schema))
  if (both.length === 0) return
  throw new DroverError('usage-invalid', `${both.join(', ')} would be source and target at once.`, {
    remedy:
      'Move the old tables into a schema of their own (alter table … set schema legacy); where they are on another server, land them under another name: --as public=legacy.',
  })
}

function nothingMatches(from: readonly string[], to: readonly string[]): DroverError {
  return new DroverError(
    'usage-invalid',
    `No table of ${from.join(', ')} has anything in common with one of ${to.join(', ')}.`,
    { remedy: 'Check the names of the schemas, and that the tables of both are there: drover makes none.' },
  )
}

/** For a folder that has none: strict, and without output, as drover runs the sources. */
const compilerOptions = `{
  "compilerOptions": {
    "strict": true,
    "noEmit": true,
    "target": "es2022",
    "module": "nodenext",
    "allowImportingTsExtensions": true,
    "skipLibCheck": true
  },
  "include": ["*.ts"]
}
`

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

interface NewFile {
  readonly name: string
  readonly text: string
}

/** Writes all of the files or, where one is there already, none. */
async function writeFiles(io: Io, { dir, force }: InitFlags, files: readonly NewFile[]): Promise<void> {
  const paths = files.map(({ name }) => join(dir, name))
  const there: string[] = []
  for (const path of paths) if (await isThere(path)) there.push(path)
  if (there.length > 0 && force !== true) {
    throw new DroverError('usage-invalid', `${there.join(', ')} would be written over.`, {
      remedy: 'Choose another directory with --dir, or give --force.',
    })
  }
  for (const [i, { text }] of files.entries()) {
    await writeResult(io, text, paths[i]!)
  }
}
