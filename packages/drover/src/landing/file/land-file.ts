import { Readable } from 'node:stream'
import { qualifiedName } from '../../catalog/catalog.ts'
import type { Database, Transaction } from '../../db/connection.ts'
import { describeServerError, serverErrorOf } from '../../db/server-error.ts'
import { reactionTo } from '../../db/sqlstate.ts'
import { DroverError } from '../../error.ts'
import { installLedger } from '../../ledger/install.ts'
import { addLanding, completeLanding, findLanding, forgetLanding } from '../../ledger/landing.ts'
import { droverVersion } from '../../plan/version.ts'
import type { QualifiedName } from '../../sql/nodes.ts'
import { withLease } from '../lease.ts'
import { closeToOthers, makeSchemas } from '../make.ts'
import type { OnLandingEvent } from '../progress.ts'
import { analyzeTable, createTable } from '../statements.ts'
import type { LandingDefinition } from '../table.ts'
import { readCsvHeader, withoutEndMarker } from './csv.ts'
import { copyCsv, copyLines, countRows, createLines, dropLines, insertLines } from './file-statements.ts'
import { type JsonlSurvey, surveyJsonl, withoutReturns } from './jsonl.ts'
import { requireColumns } from './names.ts'
import { type FileIdentity, identify, readBytes } from './read-file.ts'

/** A file, and the table that it becomes. */
export interface FileToLand {
  readonly path: string
  readonly kind: 'csv' | 'jsonl'
  readonly target: QualifiedName
}

/**
 * Makes a table of texts of a file, in one transaction, and returns its rows. A file that has landed already is known by its
 * bytes, and nothing is done.
 *
 * @throws DroverError `file-refused`, `landing-refused` where the name is taken, `usage-invalid` where the file cannot be
 * read, `landing-busy`, `ledger-newer`, and what the server says.
 */
export async function landFile(db: Database, file: FileToLand, onEvent: OnLandingEvent = () => {}): Promise<void> {
  const { path, kind, target } = file
  const survey = kind === 'jsonl' ? await surveyJsonl(path) : undefined
  const names = requireColumns(survey?.names ?? (await readCsvHeader(path)), path)
  await db.transaction((tx) => installLedger(tx, droverVersion), { name: 'land' })
  await withLease(db, async () => {
    if (await hasLanded(db, file)) return onEvent({ kind: 'kept', table: target })
    const rows = await db.transaction((tx) => landIn(tx, file, names, survey), {
      name: 'land file',
      statementTimeoutMs: 0,
    })
    onEvent({ kind: 'landed', table: target, rows, proof: null })
  })
}

async function landIn(
  tx: Transaction,
  { path, kind, target }: FileToLand,
  names: readonly string[],
  survey: JsonlSurvey | undefined,
): Promise<string> {
  const definition: LandingDefinition = {
    columns: names.map((name) => ({ name, type: 'text', collation: null, notNull: false, comparedAs: null })),
    keys: [],
    format: 'text',
  }
  await makeSchemas(tx, [target.schema])
  await tx.query(createTable({ source: target, target, definition }))
  await closeToOthers(tx, target)
  const landing = await addLanding(tx, { kind, source: path, sourceTable: null, ...target }, definition)
  let read: FileIdentity | undefined
  const bytes = readBytes(path, (identity) => {
    read = identity
  })
  const told = (thrown: unknown) => {
    throw asRefusal(thrown, path)
  }
  let sourceRows = survey?.rows
  if (survey === undefined)
    sourceRows = await tx.copyIn(copyCsv(target, names), Readable.from(withoutEndMarker(bytes, path))).catch(told)
  else {
    await tx.query(createLines())
    await tx.copyIn(copyLines(), Readable.from(withoutReturns(bytes))).catch(told)
    await tx.query(insertLines(target, names)).catch(told)
    await tx.query(dropLines())
    if (read!.sha256 !== survey.sha256) {
      throw new DroverError('file-refused', 'The file was written while it was read.', {
        where: path,
        remedy: 'Give the command again when it is complete.',
      })
    }
  }
  const [row] = await tx.query(countRows(target))
  const rows = row!.rows as string
  await tx.query(analyzeTable(target))
  await completeLanding(tx, landing, { generation: null, sourceRows: String(sourceRows), rows, proof: null, ...read! })
  return rows
}

/** Whether these bytes lie under this name. */
async function hasLanded(db: Database, { path, target }: FileToLand): Promise<boolean> {
  const name = qualifiedName(target)
  const { landing, isTaken } = await db.transaction(async (tx) => {
    const found = await findLanding(tx, target)
    if (found !== undefined && !found.isThere) await forgetLanding(tx, found.id)
    const [row] = await tx.query(`select to_regclass(format('%I.%I', $1::text, $2::text)) is not null as taken`, [
      target.schema,
      target.name,
    ])
    return { landing: found?.isThere ? found : undefined, isTaken: row!.taken as boolean }
  })
  if (landing !== undefined && landing.sha256 === (await identify(path)).sha256) return true
  if (!isTaken) return false
  throw new DroverError('landing-refused', `The name ${name} is taken. Nothing was changed.`, {
    where: path,
    why:
      landing === undefined
        ? 'it is a table of this database'
        : `${landing.source} has landed there, with other content`,
    remedy:
      landing === undefined
        ? `Give the file another name: --file legacy.${target.name}=…`
        : `To land this file in its place: drover land --drop --table ${name}, then this command again.`,
  })
}

/** What the server says of a line, without its text (I8). */
function asRefusal(thrown: unknown, path: string): unknown {
  const server = serverErrorOf(thrown)
  if (server === undefined || reactionTo(server.sqlstate) !== 'set aside') return thrown
  const context = (thrown as { readonly where?: string }).where ?? ''
  const [, line] = /^COPY .*?, line (\d+)/.exec(context) ?? []
  return new DroverError('file-refused', 'The server cannot read the file.', {
    where: line === undefined ? path : `${path}, line ${line}`,
    why: describeServerError({ ...server, table: undefined }),
    remedy:
      'See that the line has as many values as the header has names, that quotes are closed, and that it is UTF-8.',
    cause: thrown,
  })
}
