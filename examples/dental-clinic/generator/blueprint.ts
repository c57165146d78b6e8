import { type ClinicPlan, layOutClinics } from './clinic-layout.ts'
import { type LegacyTable, rowsByScale, type Scale, scaledCount } from './scale.ts'
import { wholeNumber } from './sql-text.ts'
import { type TableDefect, type TableDefectPlan, tableDefects } from './table-defects.ts'

export interface GeneratorOptions {
  readonly scale: Scale
  /** A whole number. The same seed gives the same rows on every server. */
  readonly seed: number
  /** `strict`: no row refers to a parent that does not exist. `loose`: some do. */
  readonly foreignKeys: 'strict' | 'loose'
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
}

export function drawBlueprint(options: GeneratorOptions): Blueprint {
  const { scale, foreignKeys } = options
  wholeNumber(options.seed)
  const defects = Object.fromEntries(
    Object.entries<TableDefectPlan>(tableDefects).map(([defect, { countAtS, needsLooseKeys }]) => {
      const table = defect.slice(0, defect.indexOf('/')) as LegacyTable
      return [defect, foreignKeys === 'strict' && needsLooseKeys ? 0 : scaledCount(countAtS, table, scale)]
    }),
  ) as Record<TableDefect, number>
  const rows = rowsByScale[scale]
  return {
    scale,
    seed: options.seed,
    foreignKeys,
    rows,
    clinics: layOutClinics(rows.clinics, defects['clinics/duplicate']),
    defects,
  }
}
