import type { LegacyClient } from './clients.ts'
import type { Clinic } from './world.ts'

/** Values of the clinics that are asked about, together, at most; at scale S these are all. */
const valuesAtMost = 40_000

/**
 * The clinics whose values and goals are asked for: in the order of their ids as many as have together at most so many
 * values, but for one that alone has more.
 */
export async function chooseClinics(legacy: LegacyClient, clinics: readonly Clinic[]) {
  const counts = await legacy.metricValue.groupBy({ by: ['clinicId'], _count: true })
  const sizes = new Map(counts.map(({ clinicId, _count }) => [clinicId, _count]))
  const chosen: Clinic[] = []
  let values = 0
  for (const clinic of clinics.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const own = clinic.legacyIds.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0)
    if (values + own > valuesAtMost && chosen.length > 0) continue
    values += own
    chosen.push(clinic)
  }
  return { chosen, notAsked: remark('clinics', chosen.length, clinics.length) }
}

/** Some of a list, spread evenly over it, and a sentence on those that are left out. */
export function few<T>(what: string, all: readonly T[], most: number) {
  const some =
    all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!)
  return { some, notAsked: remark(what, some.length, all.length) }
}

function remark(what: string, some: number, all: number): string[] {
  return some === all ? [] : [`${all - some} of ${all} ${what}`]
}
