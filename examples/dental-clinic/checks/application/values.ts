import { fromPlain, readUnderPolicy, toPlain } from '../../generator/amounts.ts'
import type { MetricDefinition, Prisma } from '../../prisma/generated/legacy/client.ts'
import { readCrosswalk, readValueIds } from './crosswalk.ts'
import { wordOf } from './people.ts'
import { type ProviderOf, readProviders } from './providers.ts'
import type { Clinic, World } from './world.ts'

/** A legacy metric value as the decisions of the migration leave it. */
export interface Value {
  /** The new id. */
  readonly id: string
  readonly clinicId: string
  readonly providerId: string | null
  readonly definitionId: string
  /** ISO date in the clinic's zone. */
  readonly day: string
  /** A plain number; null where the metric is a date. */
  readonly amount: string | null
  /** ISO date, where the metric is one. */
  readonly date: string | null
  readonly source: 'spreadsheet' | 'form' | 'manual'
  readonly sheetId: string | null
  readonly createdAt: Date
}

export interface Values {
  /**
   * Asks for a clinic's values and makes of them what the decisions make of them. Asked once: the legacy table has no index.
   * What else a question filters by applies afterwards, since the decisions move values among days, providers and sources.
   */
  ofClinic(clinic: Clinic): Promise<readonly Value[]>
}

/**
 * Reads values by the rules of the migration, apart from its code. What is set aside follows from these rules and not from
 * the ledger, so that a value which is set aside wrongly is missed; which rows are the same is the ledger's to say.
 */
export async function readValues(world: World): Promise<Values> {
  const { legacy, query, runId } = world
  const definitions = await readCrosswalk(query, 'metric_definitions')
  const catalogue = await legacy.metricDefinition.findMany()
  const sheets = await readCrosswalk(query, 'connection_sheets')
  const merges = await query(`select source_key from drover.merge where run_id = $1 and mapping = 'metric_values'`, [
    runId,
  ])
  // Two rows that say the same, or of which one corrects the other, are one value now.
  const losers = new Set(merges.map(({ source_key }) => String(source_key)))
  const rules: Rules = {
    world,
    providerOf: (await readProviders(world)).providerOf,
    definitionOf: (legacyId) => definitions.idOf(legacyId),
    definitions: new Map(catalogue.map((definition) => [definition.id, definition])),
    sheetOf: (legacyId) => sheets.idOf(legacyId),
    isMerged: (legacyId) => losers.has(legacyId),
    sources: new Map(world.sources.map((source) => [source.id, world.clinicOf(source.clinicId)])),
    providerClinics: new Map(world.providers.map((provider) => [provider.id, world.clinicOf(provider.clinicId)])),
  }
  const read = async (clinic: Clinic) => {
    const rows = await legacy.metricValue.findMany({ where: whereClinic(world, clinic), select: columns })
    const kept = rows.flatMap((row) => {
      const value = readValue(row, rules)
      return value?.clinicId === clinic.id ? [{ legacyId: row.id, value }] : []
    })
    const ids = await readValueIds(
      query,
      kept.map(({ legacyId }) => legacyId),
    )
    return kept.map(({ legacyId, value }) => ({ ...value, id: ids.get(legacyId) ?? `of legacy ${legacyId}` }))
  }
  const clinics = new Map<string, Promise<readonly Value[]>>()
  return {
    ofClinic: (clinic) => {
      const values = clinics.get(clinic.id) ?? read(clinic)
      clinics.set(clinic.id, values)
      return values
    },
  }
}

const columns = {
  id: true,
  date: true,
  value: true,
  sourceType: true,
  metricDefinitionId: true,
  clinicId: true,
  providerId: true,
  dataSourceId: true,
  createdAt: true,
} as const

type LegacyValue = Prisma.MetricValueGetPayload<{ select: typeof columns }>

interface Rules {
  readonly world: World
  readonly providerOf: ProviderOf
  readonly definitionOf: (legacyId: string) => string | undefined
  readonly definitions: ReadonlyMap<string, MetricDefinition>
  readonly sheetOf: (legacyId: string | null) => string | undefined
  readonly isMerged: (legacyId: string) => boolean
  readonly sources: ReadonlyMap<string, Clinic | undefined>
  readonly providerClinics: ReadonlyMap<string, Clinic | undefined>
}

/** Rows that name the clinic, or none that exists but a provider or a source of it: those belong to it now. */
function whereClinic({ clinics, providers, sources, clinicOf }: World, clinic: Clinic): Prisma.MetricValueWhereInput {
  const own = ({ clinicId }: { readonly clinicId: string }) => clinicOf(clinicId)?.id === clinic.id
  const known = clinics.flatMap(({ legacyIds }) => legacyIds)
  return {
    OR: [
      { clinicId: { in: [...clinic.legacyIds] } },
      {
        AND: [
          { OR: [{ clinicId: null }, { clinicId: { notIn: known } }] },
          {
            OR: [
              { providerId: { in: providers.filter(own).map(({ id }) => id) } },
              { dataSourceId: { in: sources.filter(own).map(({ id }) => id) } },
            ],
          },
        ],
      },
    ],
  }
}

function readValue(row: LegacyValue, rules: Rules): Omit<Value, 'id'> | undefined {
  const { world } = rules
  const clinic =
    world.clinicOf(row.clinicId) ??
    (row.providerId === null ? undefined : rules.providerClinics.get(row.providerId)) ??
    (row.dataSourceId === null ? undefined : rules.sources.get(row.dataSourceId))
  const definition = rules.definitions.get(row.metricDefinitionId)
  const definitionId = rules.definitionOf(row.metricDefinitionId)
  if (clinic === undefined || definition === undefined || definitionId === undefined) return undefined
  const day = clinic.dayOf(row.date)
  if (isImplausible(day, world.cutover) || rules.isMerged(row.id)) return undefined
  const read = readText(row, definition, world)
  if (read === undefined) return undefined
  const kind = wordOf(row.sourceType)
  const sheetClinic = row.dataSourceId === null ? undefined : rules.sources.get(row.dataSourceId)
  return {
    clinicId: clinic.id,
    // A provider of another clinic has a twin or a clone in the value's own; one that does not exist is left out.
    providerId: rules.providerOf(row.providerId, clinic) ?? null,
    definitionId,
    day,
    ...read,
    // Sources that nobody knows count as typed in.
    source: kind === 'spreadsheet' || kind === 'form' ? kind : 'manual',
    // A sheet of another clinic, or none that exists, is left out.
    sheetId: sheetClinic?.id === clinic.id ? (rules.sheetOf(row.dataSourceId) ?? null) : null,
    createdAt: row.createdAt,
  }
}

/** Nothing was measured before 1990 or more than a week ahead; the first of January 2001 is an empty date of a sheet. */
function isImplausible(day: string, cutover: Date): boolean {
  const latest = new Date(cutover.getTime() + 7 * 86_400_000).toISOString().slice(0, 10)
  return day < '1990-01-01' || day === '2001-01-01' || day > latest
}

function readText(
  { value, dataSourceId }: LegacyValue,
  { dataType }: MetricDefinition,
  { locales }: World,
): Pick<Value, 'amount' | 'date'> | undefined {
  if (wordOf(dataType) === 'date') {
    const date = value.trim()
    return /^\d{4}-\d{2}-\d{2}$/.test(date) ? { amount: null, date } : undefined
  }
  const locale = (dataSourceId === null ? null : locales.get(dataSourceId)) ?? null
  const amount = readUnderPolicy(value, locale === null ? null : locale === 'eu')
  return amount === undefined ? undefined : { amount: toPlain(amount), date: null }
}

/** The sum of amounts, as a plain number. */
export function sumOf(values: readonly Value[]): string {
  return toPlain(values.reduce((sum, { amount }) => sum + (amount === null ? 0n : fromPlain(amount)), 0n))
}
