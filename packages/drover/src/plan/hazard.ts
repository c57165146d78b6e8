import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Column } from '../catalog/table.ts'
import { defaultOf, withoutTexts } from './assigned.ts'
import { mergesRows } from './decided.ts'
import { readsRandom } from './late.ts'
import type { Hazard } from './plan.ts'
import type { RebuildPlan } from './rebuild-plan.ts'
import type { MappingParts } from './row.ts'

/** What gives the time of a transaction or of a statement: the same for all rows of a chunk, and another one for each run. */
const times = /\b(now|statement_timestamp|transaction_timestamp)\(|\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bLOCALTIME/i

/** What a user must know of before running the mapping. */
export function hazardsOf(parts: MappingParts): readonly Hazard[] {
  const { mapping, target } = parts
  const hazards: Hazard[] = []
  if (mergesRows(mapping)) {
    hazards.push({
      name: 'merges-rows',
      mapping: mapping.name,
      why: `Rows of ${parts.source.driving.kind === 'table' ? parts.source.driving.name : 'the query'} with one identity become one row of ${mapping.to}.`,
    })
  }
  const updated = mapping.kind === 'evolve' ? Object.keys(mapping.columns) : (mapping.match?.update ?? [])
  if (updated.length > 0) {
    hazards.push({
      name: 'writes-existing-rows',
      mapping: mapping.name,
      why: `Rows that ${mapping.to} holds already get new values of ${updated.join(', ')}; each is kept as it was.`,
    })
  }
  if (mapping.compute !== undefined) {
    hazards.push({
      name: 'runs-javascript',
      mapping: mapping.name,
      why: `A function of the migration file makes ${Object.keys(mapping.compute.writes).join(', ')}; the rows it needs leave the database for it.`,
    })
  }
  const triggers = target.triggers.filter((trigger) => trigger.enabled !== 'D')
  if (triggers.length > 0) {
    const onNodes = capabilitiesOf(target).followsSession
      ? ''
      : ' They fire on the nodes, also when rows are taken back: nothing that a session says keeps them off there.'
    hazards.push({
      name: 'fires-triggers',
      mapping: mapping.name,
      why: `${mapping.kind === 'evolve' ? 'Updating' : 'Inserting into'} ${mapping.to} fires ${triggers.map((trigger) => trigger.name).join(', ')}.${onNodes}`,
    })
  }
  const random = parts.targetColumns.filter(({ name }) => readsRandom(mapping.columns[name]))
  if (random.length > 0) {
    hazards.push({
      name: 'random-ids',
      mapping: mapping.name,
      why: `${mapping.to}: ${random.map((column) => column.name).join(', ')} is random and differs from run to run.`,
    })
  }
  const defaults = target.columns.filter((column) => isLeftToVolatileDefault(column, parts))
  if (defaults.length > 0) {
    hazards.push({
      name: 'volatile-defaults',
      mapping: mapping.name,
      why: `${mapping.to}: ${defaults.map((column) => column.name).join(', ')} is left to a default that differs from run to run.`,
    })
  }
  return hazards
}

/** That tables stand without some of their indexes and constraints while they are loaded. */
export function rebuildHazards(rebuilds: readonly RebuildPlan[]): readonly Hazard[] {
  if (rebuilds.length === 0) return []
  const tables = rebuilds.map(({ table, objects }) => `${table} (${objects.length})`)
  const why = `Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: ${tables.join(', ')}.`
  return [{ name: 'drops-indexes', mapping: null, why }]
}

/** A column left to a default that may differ from run to run breaks I7 for that column. */
function isLeftToVolatileDefault(column: Column, parts: MappingParts): boolean {
  if (parts.mapping.kind === 'evolve') return false
  if (Object.hasOwn(parts.mapping.columns, column.name) || column.generated !== null) return false
  return defaultOf(column) === undefined || times.test(withoutTexts(column.default ?? ''))
}
