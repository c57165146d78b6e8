import type { ProbeContext } from 'drover'
import type { DataSource, Clinic as LegacyClinic, Provider } from '../../prisma/generated/legacy/client.ts'
import { chooseClinics, few } from './bounds.ts'
import type { AppClient, Clients, LegacyClient } from './clients.ts'
import { readCrosswalk } from './crosswalk.ts'
import { daysIn } from './day.ts'
import { type Person, personsOf } from './people.ts'

/** What a clinic was before. */
export interface Clinic {
  /** The new id. */
  readonly id: string
  /** All that were merged into it, the survivor first. */
  readonly rows: readonly LegacyClinic[]
  readonly legacyIds: readonly string[]
  /** The ISO date of a time in the clinic's zone. */
  dayOf(time: Date): string
}

/** Someone who asks as himself. */
export interface Asker {
  readonly userId: string
  /** The clinics that he is a member of; a system administrator is one of all. */
  readonly clinicIds: ReadonlySet<string>
}

/** What all questions need to know of both sides. */
export interface World {
  readonly legacy: LegacyClient
  readonly app: AppClient
  readonly query: ProbeContext['query']
  readonly runId: string
  readonly signal: AbortSignal
  /** The run's "now": what is open or recent is so at this moment. */
  readonly cutover: Date
  readonly clinics: readonly Clinic[]
  /** Those whose values and goals are asked for. */
  readonly chosen: readonly Clinic[]
  readonly people: readonly Person[]
  readonly askers: readonly Asker[]
  readonly providers: readonly Provider[]
  readonly sources: readonly DataSource[]
  /** Number formats that a source declares, by legacy id. */
  readonly locales: ReadonlyMap<string, string | null>
  /** The new clinic of a legacy one; undefined where there is none. */
  clinicOf(legacyId: string | null): Clinic | undefined
  readonly notAsked: readonly string[]
}

/** Users who ask at most; at scale S all do. */
const askersAtMost = 60

export async function readWorld({ query, runId, signal }: ProbeContext, { legacy, app }: Clients): Promise<World> {
  const [run] = await query(`select plan ->> 'cutover' as cutover from drover.run where id = $1`, [runId])
  const cutover = new Date(String(run!.cutover))
  const clinics = await readClinics(query, legacy)
  const byLegacyId = new Map(clinics.flatMap((clinic) => clinic.legacyIds.map((id) => [id, clinic] as const)))
  const clinicOf = (legacyId: string | null) => (legacyId === null ? undefined : byLegacyId.get(legacyId))
  const people = personsOf(
    await legacy.user.findMany({ orderBy: { id: 'asc' } }),
    await readCrosswalk(query, 'profiles'),
    clinicOf,
  )
  const { chosen, notAsked } = await chooseClinics(legacy, clinics)
  const all = new Set(clinics.map(({ id }) => id))
  const members = people.flatMap(({ id, isSystemAdmin, memberships }): Asker[] => {
    const clinicIds = isSystemAdmin ? all : new Set(memberships.keys())
    return chosen.some((clinic) => clinicIds.has(clinic.id)) ? [{ userId: id, clinicIds }] : []
  })
  const askers = few('users, as themselves', members, askersAtMost)
  const settings = await query('select legacy_id, number_locale from migration_input.source')
  return {
    legacy,
    app,
    query,
    runId,
    signal,
    cutover,
    clinics,
    chosen,
    people,
    askers: askers.some,
    providers: await legacy.provider.findMany({ orderBy: { id: 'asc' } }),
    sources: await legacy.dataSource.findMany({ orderBy: { id: 'asc' } }),
    locales: new Map(settings.map((row) => [String(row.legacy_id), row.number_locale as string | null])),
    clinicOf,
    notAsked: [...notAsked, ...askers.notAsked],
  }
}

/** Whether legacy clinics are the same is the ledger's to say; their zone follows from the survivor's settings. */
async function readClinics(query: ProbeContext['query'], legacy: LegacyClient): Promise<Clinic[]> {
  const crosswalk = await readCrosswalk(query, 'clinics')
  const settings = await query('select legacy_id, timezone from migration_input.clinic')
  const zones = new Map(settings.map(({ legacy_id, timezone }) => [legacy_id, timezone as string | null]))
  const rows = await legacy.clinic.findMany({ orderBy: { id: 'asc' } })
  const known = rows.filter(({ id }) => crosswalk.idOf(id) !== undefined)
  return [...Map.groupBy(known, ({ id }) => crosswalk.idOf(id)!)].map(([id, group]) => {
    const merged = group.toSorted((a, b) => Number(crosswalk.isSurvivor(b.id)) - Number(crosswalk.isSurvivor(a.id)))
    return {
      id,
      rows: merged,
      legacyIds: merged.map((clinic) => clinic.id),
      dayOf: daysIn(zones.get(merged[0]!.id) ?? 'America/Chicago'),
    }
  })
}
