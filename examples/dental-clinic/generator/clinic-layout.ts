import type { Oddities } from './planting.ts'

/** What is settled about one clinic; the rest of its row is drawn. */
export interface ClinicPlan {
  readonly number: number
  /** The clinic that survives when this one is a duplicate, otherwise itself. */
  readonly survivor: number
  readonly zone: string
  /** Null: the settings row says nothing, so USD. */
  readonly currency: string | null
  /** Without a settings row a clinic is in Chicago and counts in USD. */
  readonly hasSettings: boolean
  /** How the numbers in the clinic's sheets are written; null: nobody has said (no settings row), so `en`. */
  readonly numberLocale: 'en' | 'eu' | null
}

type Region = Omit<ClinicPlan, 'number' | 'survivor'>

const chicago: Region = { zone: 'America/Chicago', currency: 'USD', hasSettings: true, numberLocale: 'en' }
const newYork: Region = { ...chicago, zone: 'America/New_York' }
const berlin: Region = { zone: 'Europe/Berlin', currency: 'EUR', hasSettings: true, numberLocale: 'eu' }

/** Repeated along the clinics; the first five hold every case. */
const regions: readonly Region[] = [
  { ...chicago, hasSettings: false },
  newYork,
  { ...chicago, zone: 'America/Phoenix', numberLocale: null },
  berlin,
  { ...chicago, zone: 'UTC', currency: null },
  chicago,
  newYork,
  chicago,
  berlin,
  chicago,
]

/**
 * Clinics by size, largest first. The last ones are duplicates of the second, the third and so on. Without oddities no
 * setting is left out, but for the number formats.
 */
export function layOutClinics(clinics: number, duplicates: number, oddities: Oddities): ClinicPlan[] {
  const survivors = clinics - duplicates
  return Array.from({ length: clinics }, (_, index) => {
    const number = index + 1
    const survivor = number <= survivors ? number : number - survivors + 1
    const region = regions[(survivor - 1) % regions.length]!
    const settings =
      oddities === 'usual' ? region : { ...region, hasSettings: true, currency: region.currency ?? 'USD' }
    return { number, survivor, ...settings }
  })
}

/** Zones in which a stamp of 05:00 or 06:00 UTC, midnight in Chicago, falls on the same day. */
export const chicagoMidnightZones: readonly string[] = ['America/Chicago', 'America/New_York']

/** The numbers of the clinics that a rule selects. */
export function clinicNumbers(clinics: readonly ClinicPlan[], chosen: (clinic: ClinicPlan) => boolean): number[] {
  return clinics.filter(chosen).map((clinic) => clinic.number)
}
