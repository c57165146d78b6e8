import { type LegacyTable, type Scale, scaledCount } from './scale.ts'
import { type TableDefect, type TableDefectPlan, tableDefects } from './table-defects.ts'
import { type ValueCode, valueDefects } from './value-defects.ts'

/** A defect that can be planted alone: V01 … V26, or `table/defect`. `nothing`: clean data. */
export type Planted = ValueCode | TableDefect | 'nothing'

/**
 * Whether rows without a defect may hold what a rule changes: roles and states that have an alias, clinics without zone or
 * currency, several administrators of one clinic, rules that are no JSON.
 */
export type Oddities = 'usual' | 'none'

/** Rows of a defect that is planted alone, at most: every one of its variants is among them. */
const mostAlone = 12

interface Choice {
  readonly scale: Scale
  readonly foreignKeys: 'strict' | 'loose'
  readonly only: Planted | undefined
}

interface Counts {
  readonly defects: Readonly<Record<TableDefect, number>>
  readonly valueDefects: ReadonlyMap<string, number>
}

/** How many rows of each defect are made, of metric values by kind. */
export function drawCounts({ scale, foreignKeys, only }: Choice): Counts {
  const count = (countAtS: number, table: LegacyTable, isChosen: boolean) => {
    if (only === undefined) return scaledCount(countAtS, table, scale)
    return isChosen ? Math.min(countAtS, mostAlone) : 0
  }
  const tables = Object.entries<TableDefectPlan>(tableDefects).map(([defect, { countAtS, needsLooseKeys }]) => {
    const table = defect.slice(0, defect.indexOf('/')) as LegacyTable
    const isImpossible = foreignKeys === 'strict' && needsLooseKeys
    return [defect, isImpossible ? 0 : count(countAtS, table, defect === only || defect === neededBy(only))] as const
  })
  const kinds = valueDefects.map(({ kind, countAtS }) => {
    // An original and the rows that repeat it are planted together.
    const [code] = kind.split('-', 1)
    return [kind, count(countAtS, 'metric_values', code === only)] as const
  })
  return { defects: Object.fromEntries(tables) as Counts['defects'], valueDefects: new Map(kinds) }
}

/** Without a defect of another table some cannot be; it changes nothing of its own. */
function neededBy(only: Planted | undefined): TableDefect | undefined {
  return only === undefined ? undefined : valueDefects.find(({ code }) => code === only)?.needs
}
