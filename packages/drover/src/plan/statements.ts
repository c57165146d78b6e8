import { sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { chunkStatement } from './chunk.ts'
import { cutChunks } from './cut.ts'
import { createImages, holdsTarget, holdTarget, keyOfImages, updatedColumns } from './images.ts'
import { settleMerges } from './merges.ts'
import { partsOfChunk } from './partitions.ts'
import { ledgerTables, type MappingStatements } from './plan.ts'
import { heldTable } from './range.ts'
import { repairStatements } from './repair.ts'
import { ambiguousMatches, resolveStatement } from './resolve.ts'
import { drivingRelation, type MappingParts, storedQuery } from './row.ts'
import { setAside } from './set-aside.ts'
import { settleStatements } from './settle.ts'
import { splitChunk } from './split.ts'
import { castType } from './type-name.ts'

/** The SQL of one mapping. */
export function statementsOf(parts: MappingParts, settledAfter: string): MappingStatements {
  const { mapping, source } = parts
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  const target = expressionOf(tableNode(parts.target))
  const stored = expressionOf(tableNode(ledgerTables.source(mapping.name)))
  const resolution = expressionOf(tableNode(ledgerTables.resolution(mapping.name)))
  const resolve = resolveStatement(parts)
  const held = heldTable(parts)
  const ofChunk = partsOfChunk(parts)
  const writesExisting = updatedColumns(parts).length > 0
  const keys = parts.targetKey.map(
    (column) => sql`${expressionOf(identifier(column.name))} ${sql.raw(castType(column.baseType))}`,
  )
  const text = (query: { toOperationNode(): Parameters<typeof compile>[0] }) => compile(query.toOperationNode())
  return {
    storeSource:
      source.driving.kind === 'query'
        ? [text(sql`create table ${stored} as\n${storedQuery(parts)}`), text(sql`analyze ${stored}`)]
        : [],
    createCrosswalk: text(sql`create table ${crosswalk} (
  source_key text collate "C" not null,
  disposition text not null,
  ${sql.join(keys, sql.raw(',\n  '))}
)`),
    createImages: writesExisting ? text(createImages(parts)) : null,
    resolve,
    findAmbiguousMatches: ambiguousMatches(parts),
    settleResolution:
      resolve === null
        ? []
        : [text(sql`alter table ${resolution} add primary key (source_key)`), text(sql`analyze ${resolution}`)],
    countSource: text(sql`select count(*) as n from ${expressionOf(drivingRelation(parts))}`),
    countTarget: text(sql`select count(*) as n from ${target}`),
    cutChunks: cutChunks(parts),
    holdSource: held === undefined ? null : text(sql`lock table ${expressionOf(held)} in access share mode`),
    ...(holdsTarget(parts) && { holdTarget: holdTarget(parts) }),
    splitChunk: splitChunk(ofChunk),
    chunk: chunkStatement(ofChunk),
    setAside: setAside(ofChunk),
    keyCrosswalk: [text(sql`alter table ${crosswalk} add primary key (source_key)`), text(sql`analyze ${crosswalk}`)],
    analyzeTarget: text(sql`analyze ${target}`),
    close: writesExisting ? [text(keyOfImages(parts))] : [],
    settleMerges: settleMerges(parts),
    settleReferences: settleStatements(parts, settledAfter),
    repair: repairStatements(parts),
  }
}
