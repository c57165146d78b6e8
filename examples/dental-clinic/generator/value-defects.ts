import { definitionPool } from './metric-definitions.ts'
import type { TableDefect } from './table-defects.ts'

/** V01 … V26. */
export type ValueCode = `V${string}`

/** What becomes of a row: one of these words, then the migration's code, if the outcome has one. */
export type ValueOutcome = 'loaded' | 'merged' | `corrected ${string}` | `noted ${string}` | `quarantined ${string}`

export interface ValueDefect {
  /** Its own name in the generator; a code may have several kinds, and originals have no code. */
  readonly kind: string
  readonly code: ValueCode | null
  readonly countAtS: number
  readonly outcome: ValueOutcome
  /** Which definitions, which clinics, from a sheet or a form: where nothing is said, as for any other row. */
  readonly of?: readonly number[]
  readonly in?: 'european' | 'other than european' | 'unknown locale' | 'american'
  readonly from?: 'sheet' | 'form'
  /** Another kind, whose rows these repeat one by one. */
  readonly repeats?: string
  /** Rows of another table that must be there for it. */
  readonly needs?: TableDefect
  /** A validated foreign key makes it impossible. */
  readonly needsLooseKeys?: true
}

const currency = definitionPool((definition) => definition.dataType === 'currency')
const percentage = definitionPool((definition) => definition.dataType === 'percentage')
const numeric = definitionPool((definition) => definition.dataType !== 'date')
const summed = definitionPool(({ dataType }) => dataType === 'currency' || dataType === 'integer')
const counted = definitionPool((definition) => definition.dataType === 'integer')
const ofProviders = definitionPool(({ level, dataType }) => level === 'provider' && dataType !== 'date')
const ofClinics = definitionPool(({ level, dataType }) => level === 'clinic' && dataType !== 'date')

/**
 * The injected defects of metric_values. Their rows are disjoint.
 *
 * - Formatted numbers stay out of European sheets, except those that are European themselves.
 * - V10 is kept to counts: an infinite amount would make the legacy application's own sums infinite.
 * - V17 and V18 get clinic and provider from the pairs in foreign-providers.ts.
 */
export const valueDefects: readonly ValueDefect[] = [
  {
    kind: 'V01',
    code: 'V01',
    countAtS: 400,
    outcome: 'corrected number-format',
    of: currency,
    in: 'other than european',
  },
  {
    kind: 'V02',
    code: 'V02',
    countAtS: 300,
    outcome: 'corrected number-format',
    of: currency,
    in: 'other than european',
  },
  {
    kind: 'V03',
    code: 'V03',
    countAtS: 200,
    outcome: 'corrected number-format',
    of: percentage,
    in: 'other than european',
  },
  {
    kind: 'V04',
    code: 'V04',
    countAtS: 80,
    outcome: 'corrected number-format',
    of: currency,
    in: 'other than european',
  },
  {
    kind: 'V05',
    code: 'V05',
    countAtS: 40,
    outcome: 'corrected number-format',
    of: currency,
    in: 'other than european',
  },
  {
    kind: 'V06',
    code: 'V06',
    countAtS: 60,
    outcome: 'corrected number-format',
    of: numeric,
    in: 'other than european',
  },
  {
    kind: 'V07',
    code: 'V07',
    countAtS: 50,
    outcome: 'corrected number-format',
    of: currency,
    in: 'european',
    from: 'sheet',
  },
  {
    kind: 'V08-sheet',
    code: 'V08',
    countAtS: 10,
    outcome: 'quarantined ambiguous-number',
    of: summed,
    in: 'unknown locale',
    from: 'sheet',
  },
  { kind: 'V08-form', code: 'V08', countAtS: 10, outcome: 'quarantined ambiguous-number', of: summed, from: 'form' },
  { kind: 'V09', code: 'V09', countAtS: 70, outcome: 'quarantined not-a-number', of: numeric },
  { kind: 'V10', code: 'V10', countAtS: 6, outcome: 'quarantined not-a-number', of: counted },
  { kind: 'V11-original', code: null, countAtS: 90, outcome: 'merged', of: summed, from: 'sheet' },
  { kind: 'V11', code: 'V11', countAtS: 90, outcome: 'merged', repeats: 'V11-original' },
  { kind: 'V12-original', code: null, countAtS: 40, outcome: 'merged', of: summed, from: 'sheet' },
  { kind: 'V12', code: 'V12', countAtS: 40, outcome: 'merged', repeats: 'V12-original' },
  { kind: 'V13-original', code: null, countAtS: 30, outcome: 'loaded', of: numeric, from: 'form' },
  { kind: 'V13', code: 'V13', countAtS: 30, outcome: 'loaded', repeats: 'V13-original' },
  { kind: 'V14', code: 'V14', countAtS: 120, outcome: 'corrected derived-clinic', of: ofProviders },
  { kind: 'V15', code: 'V15', countAtS: 30, outcome: 'corrected derived-clinic', of: ofClinics, from: 'sheet' },
  { kind: 'V16', code: 'V16', countAtS: 15, outcome: 'quarantined no-clinic', of: ofClinics, from: 'form' },
  {
    kind: 'V17',
    code: 'V17',
    countAtS: 40,
    outcome: 'corrected twin-provider',
    of: ofProviders,
    needs: 'providers/twin',
  },
  { kind: 'V18', code: 'V18', countAtS: 10, outcome: 'corrected cloned-provider', of: ofProviders },
  {
    kind: 'V19',
    code: 'V19',
    countAtS: 12,
    outcome: 'quarantined no-clinic',
    of: ofClinics,
    from: 'form',
    needsLooseKeys: true,
  },
  {
    kind: 'V20',
    code: 'V20',
    countAtS: 12,
    outcome: 'corrected orphan-provider',
    of: ofProviders,
    needsLooseKeys: true,
  },
  {
    kind: 'V21',
    code: 'V21',
    countAtS: 12,
    outcome: 'quarantined orphan-definition',
    of: currency,
    needsLooseKeys: true,
  },
  {
    kind: 'V22',
    code: 'V22',
    countAtS: 12,
    outcome: 'corrected orphan-source',
    of: numeric,
    from: 'sheet',
    needsLooseKeys: true,
  },
  { kind: 'V23', code: 'V23', countAtS: 25, outcome: 'quarantined future-date' },
  { kind: 'V24', code: 'V24', countAtS: 20, outcome: 'quarantined implausible-date' },
  { kind: 'V25', code: 'V25', countAtS: 60, outcome: 'loaded' },
  { kind: 'V25-unknown', code: 'V25', countAtS: 10, outcome: 'corrected unknown-source' },
  { kind: 'V26', code: 'V26', countAtS: 20, outcome: 'noted local-month', in: 'american' },
]
