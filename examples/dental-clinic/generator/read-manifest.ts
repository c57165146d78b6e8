import type { Blueprint } from './blueprint.ts'
import { readCells } from './cells.ts'
import { readDocuments } from './documents.ts'
import { readFigures } from './figures.ts'
import { tableDefectRows, valueDefectRows } from './injected.ts'
import {
  cutover,
  type DefectRecord,
  type Exception,
  type Manifest,
  type MappingOutcome,
  summarise,
} from './manifest.ts'
import { outcomeQueries } from './outcomes/index.ts'
import { readAggregations, readStandIns } from './outcomes/synthesised.ts'
import type { Query } from './query.ts'
import { work } from './sql-text.ts'
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
  mappings.metric_aggregations = await readAggregations(query)
  return {
    version: 1,
    seed: blueprint.seed,
    scale: blueprint.scale,
    foreignKeys: blueprint.foreignKeys,
    cutover,
    tables: blueprint.rows,
    defects: { ...(await readValueDefects(query)), ...(await readTableDefects(query)) },
    mappings,
    figures: { ...(await readFigures(query, mappings.metric_values!)), ...(await readCells(query)) },
    logins: await readPairs(query, `select provider_id as key, user_id as value from ${work}.logins`),
    passwords: await readPairs(query, `select user_id as key, hash as value from ${work}.passwords`),
    documents: await readDocuments(query),
    compound: [],
  }
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

async function readPairs(query: Query, pairs: string): Promise<Record<string, string>> {
  const rows = await query(`select * from (${pairs}) as pair order by key collate "C"`)
  return Object.fromEntries(rows.map(({ key, value }) => [String(key), String(value)]))
}

function groupIds(rows: readonly Record<string, unknown>[]): ReadonlyMap<string, string[]> {
  const groups = Map.groupBy(rows, ({ code }) => String(code))
  return new Map([...groups].map(([code, group]) => [code, group.map(({ id }) => String(id))]))
}

function defectRecord(ids: readonly string[] = [], outcome: string): DefectRecord {
  return { count: ids.length, outcome, ids: [...ids].sort() }
}
