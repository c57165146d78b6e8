import { type ClinicPlan, layOutClinics } from './clinic-layout.ts'
import { drawCounts, type Oddities, type Planted } from './planting.ts'
import { type LegacyTable, rowsByScale, type Scale } from './scale.ts'
import { wholeNumber } from './sql-text.ts'
import type { TableDefect } from './table-defects.ts'

export interface GeneratorOptions {
  readonly scale: Scale
  /** A whole number. The same seed gives the same rows on every server. */
  readonly seed: number
  /** `strict`: no row refers to a parent that does not exist. `loose`: some do. */
  readonly foreignKeys: 'strict' | 'loose'
  /**
   * Plant this defect alone, a few rows of it, and nothing else that a rule would change. Default: all defects, as many as
   * the scale says.
   */
  readonly only?: Planted
  /** Also make twenty metric values with several defects each, which no count includes. */
  readonly compound?: boolean
}

/** Everything that is settled before the first row is made. */
export interface Blueprint {
  readonly scale: Scale
  readonly seed: number
  readonly foreignKeys: 'strict' | 'loose'
  readonly rows: Readonly<Record<LegacyTable, number>>
  readonly clinics: readonly ClinicPlan[]
  readonly defects: Readonly<Record<TableDefect, number>>
  /** Injected metric values, by kind. */
  readonly valueDefects: ReadonlyMap<string, number>
  readonly oddities: Oddities
}

export function drawBlueprint(options: GeneratorOptions): Blueprint {
  const { scale, foreignKeys, only } = options
  wholeNumber(options.seed)
  const { defects, valueDefects } = drawCounts({ scale, foreignKeys, only })
  const oddities = only === undefined ? 'usual' : 'none'
  const rows = rowsByScale[scale]
  return {
    scale,
    seed: options.seed,
    foreignKeys,
    rows,
    clinics: layOutClinics(rows.clinics, defects['clinics/duplicate'], oddities),
    defects,
    valueDefects,
    oddities,
  }
}
