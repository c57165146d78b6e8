import type { Blueprint } from './blueprint.ts'
import { readFigures } from './figures.ts'
import {
  cutover,
  type DefectRecord,
  type Exception,
  type Manifest,
  type MappingOutcome,
  summarise,
} from './manifest.ts'
import { outcomeQueries, standInCounts, tableDefectRows, valueDefectRows } from './outcomes.ts'
import type { Query } from './query.ts'
import { tableDefects } from './table-defects.ts'
import { valueDefects } from './value-defects.ts'

/** Reads from the generator's own tables what it has injected. */
export async function readManifest(query: Query, blueprint: Blueprint): Promise<Manifest> {
  const mappings: Record<string, MappingOutcome> = {}
  for (const [mapping, { source, exceptions }] of Object.entries(outcomeQueries)) {
    const rows = (await query(exceptions)) as unknown as readonly Exception[]
    mappings[mapping] = summarise(blueprint.rows[source], rows)
  }
  mappings.provider_stand_ins = await readStandIns(query)
  return {
    version: 1,
    seed: blueprint.seed,
    scale: blueprint.scale,
    foreignKeys: blueprint.foreignKeys,
    cutover,
    tables: blueprint.rows,
    defects: { ...(await readValueDefects(query)), ...(await readTableDefects(query)) },
    mappings,
    figures: await readFigures(query, mappings.metric_values!),
    compound: [],
  }
}

async function readStandIns(query: Query): Promise<MappingOutcome> {
  const [counts] = await query(standInCounts)
  const source = Number(counts!.source)
  const matched = Number(counts!.matched)
  return { ...summarise(source, []), loaded: source - matched, matched }
}

async function readValueDefects(query: Query): Promise<Record<string, DefectRecord>> {
  const ids = groupIds(await query(valueDefectRows))
  const codes = new Set(valueDefects.flatMap(({ code }) => (code === null ? [] : [code])))
  return Object.fromEntries(
    [...codes].map((code) => {
      const outcomes = new Set(valueDefects.filter((defect) => defect.code === code).map(({ outcome }) => outcome))
      return [code, defectRecord(ids.get(code), [...outcomes].join(' or '))]
    }),
  )
}

async function readTableDefects(query: Query): Promise<Record<string, DefectRecord>> {
  const ids = groupIds(await query(tableDefectRows))
  return Object.fromEntries(
    Object.entries(tableDefects).map(([defect, { outcome }]) => [defect, defectRecord(ids.get(defect), outcome)]),
  )
}

function groupIds(rows: readonly Record<string, unknown>[]): ReadonlyMap<string, string[]> {
  const groups = Map.groupBy(rows, ({ code }) => String(code))
  return new Map([...groups].map(([code, group]) => [code, group.map(({ id }) => String(id))]))
}

function defectRecord(ids: readonly string[] = [], outcome: string): DefectRecord {
  return { count: ids.length, outcome, ids: [...ids].sort() }
}
