import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { hasDefinition, type Landing, landingAlgorithm, readLandings } from '../ledger/landing.ts'
import { readLandingChunks } from '../ledger/landing-chunk.ts'
import { beginGeneration } from '../ledger/landing-generation.ts'
import type { QualifiedName } from '../sql/nodes.ts'
import { findUnspreadable } from './distribute.ts'
import { forget } from './forget.ts'
import { makeSchemas, makeTable, makeTypes } from './make.ts'
import { readNaming } from './naming.ts'
import type { Part } from './parts.ts'
import type { Distributions, Renames, SourceTable } from './selection.ts'
import type { Shapes } from './shape.ts'
import { buildTable, type LandingTable } from './table.ts'
import type { TableWork } from './work.ts'

/** What the source shows under a new snapshot, and how it is taken. */
export interface Beginning {
  /** Host, port and database. */
  readonly source: string
  readonly tables: readonly SourceTable[]
  /** Of the tables, in their order; as the next one. */
  readonly shapes: Shapes
  readonly parts: readonly (readonly Part[])[]
  readonly as: Renames
  readonly distributions: Distributions
  /** Whether what was read under earlier snapshots counts still. */
  readonly frozen: boolean
  readonly chunkBytes: number
}

/** A landing that is ready for its rows. */
export interface Begun {
  readonly generation: string
  readonly works: readonly TableWork[]
  /** What people should know. */
  readonly notes: readonly string[]
}

/**
 * Begins a generation: makes the tables that are missing, and those again whose rows do not agree with the new snapshot.
 * One that had landed under an earlier one is kept until its digest has been compared.
 *
 * @throws DroverError `landing-refused`
 */
export async function begin(tx: Queryable, beginning: Beginning): Promise<Begun> {
  const { source, tables, shapes, parts, as, distributions, frozen } = beginning
  const generation = await beginGeneration(tx, { source, frozen })
  const naming = await readNaming(tx, shapes, as)
  if (naming.refusals.length > 0) {
    throw new DroverError('landing-refused', 'Types of the source cannot be had in the target database.', {
      findings: naming.refusals,
      remedy: 'Make them, or give --as another name for the schema; then give the command again.',
    })
  }
  const landings = await readLandings(tx)
  const landingOf = (name: QualifiedName) =>
    landings.find((landing) => landing.schema === name.schema && landing.name === name.name)
  await requireFree(tx, source, tables, landingOf)

  const built = tables.map(({ target }, i) => {
    // One that lies here already stays as it is spread, unless it is asked for otherwise.
    const by = distributions.get(qualifiedName(target)) ?? landingOf(target)?.distributedBy ?? undefined
    return buildTable(shapes.tables[i]!, target, shapes.types, naming, by)
  })
  await requireSpreadable(tx, built, distributions)
  await makeSchemas(tx, new Set(tables.map(({ target }) => target.schema)))
  await makeTypes(tx, naming, shapes)
  const works: TableWork[] = []
  const again: string[] = []
  for (const [i, { target }] of tables.entries()) {
    const wanted = { source, table: built[i]!, parts: parts[i]! }
    const landing = landingOf(target)
    const kept = landing && (await keptWork(tx, wanted, landing, beginning))
    if (landing !== undefined && kept === undefined) {
      if (landing.isThere) again.push(qualifiedName(target))
      await forget(tx, landing)
    }
    works.push(kept ?? (await makeTable(tx, wanted, beginning.chunkBytes)))
  }
  return { generation, works, notes: [...naming.notes, ...notesOn(again, frozen)] }
}

async function requireSpreadable(
  tx: Queryable,
  tables: readonly LandingTable[],
  distributions: Distributions,
): Promise<void> {
  const findings = await findUnspreadable(tx, tables, distributions)
  if (findings.length === 0) return
  throw new DroverError(
    'landing-refused',
    'Tables cannot be spread over the nodes as it was asked. Nothing was changed.',
    {
      findings,
      remedy:
        'Distribute a table by a column that is never null and stands in all of its keys, or let it land on the coordinator.',
    },
  )
}

function notesOn(again: readonly string[], frozen: boolean): readonly string[] {
  if (again.length === 0) return []
  const why = frozen
    ? 'they are not at the source what they were'
    : 'the snapshot that they were read under is gone, and rows of two snapshots would not agree (--frozen, where nothing writes to the source, keeps them)'
  return [`${again.join(', ')}: what had landed lands again; ${why}.`]
}

/** What of an earlier landing of the table can stay, or undefined where it has to land anew. */
async function keptWork(
  tx: Queryable,
  wanted: Pick<TableWork, 'source' | 'table' | 'parts'>,
  landing: Landing,
  { frozen }: Beginning,
): Promise<TableWork | undefined> {
  if (!landing.isThere || !(await hasDefinition(tx, landing.id, wanted.table.definition))) return undefined
  const { proof, rows } = landing
  if (landing.state === 'landed') {
    if (proof?.algorithm !== landingAlgorithm) return undefined
    return { ...wanted, landing: landing.id, chunks: [], known: { ...proof, rows: rows! } }
  }
  const chunks = await readLandingChunks(tx, landing.id)
  const isWhereItWas = chunks.every(({ part, filenode }) =>
    wanted.parts.some(
      (now) => now.filenode === filenode && now.part?.schema === part?.schema && now.part?.name === part?.name,
    ),
  )
  return frozen && isWhereItWas ? { ...wanted, landing: landing.id, chunks, known: null } : undefined
}

/** Nothing that somebody else has made is in the way. */
async function requireFree(
  tx: Queryable,
  source: string,
  tables: readonly SourceTable[],
  landingOf: (name: QualifiedName) => Landing | undefined,
): Promise<void> {
  const taken = await tx.query(
    `select asked.schema, asked.name
from unnest($1::text[], $2::text[]) as asked (schema, name)
where to_regclass(format('%I.%I', asked.schema, asked.name)) is not null`,
    [tables.map(({ target }) => target.schema), tables.map(({ target }) => target.name)],
  )
  const names = new Set((taken as unknown as readonly QualifiedName[]).map(qualifiedName))
  const findings = tables.flatMap(({ target, ...table }) => {
    const landing = landingOf(target)
    const name = qualifiedName(target)
    if (landing?.isThere) {
      const isSame = landing.source === source && sameName(landing.sourceTable, table)
      return isSame ? [] : [`${name} has landed from ${sourceOf(landing)}: drover land --drop --table ${name}`]
    }
    return names.has(name) ? [`${name} is a table of this database`] : []
  })
  if (findings.length === 0) return
  throw new DroverError('landing-refused', 'Names under which tables would land are taken. Nothing was changed.', {
    findings,
    remedy: 'Let a schema land under another name, with --as public=legacy.',
  })
}

function sameName(a: QualifiedName | null, b: QualifiedName): boolean {
  return a !== null && a.schema === b.schema && a.name === b.name
}

function sourceOf({ source, sourceTable }: Landing): string {
  return sourceTable === null ? source : `${qualifiedName(sourceTable)} of ${source}`
}
