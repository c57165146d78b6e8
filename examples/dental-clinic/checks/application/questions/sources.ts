import type { DataSource } from '../../../prisma/generated/legacy/client.ts'
import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { squished, wordOf } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { newestFirst, toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

const statuses = ['pending', 'active', 'paused', 'error', 'disconnected'] as const

type Status = (typeof statuses)[number]

/** A sheet of the new schema, and the legacy sources that are it. */
interface Sheet {
  readonly id: string
  readonly clinic: Clinic
  readonly sources: readonly [DataSource, ...DataSource[]]
}

async function readSheets(world: World): Promise<Sheet[]> {
  const crosswalk = await readCrosswalk(world.query, 'connection_sheets')
  const groups = Map.groupBy(world.sources, ({ id }) => crosswalk.idOf(id) ?? `of legacy ${id}`)
  return [...groups].flatMap(([id, group]) => {
    const sources = group.toSorted((a, b) => Number(crosswalk.isSurvivor(b.id)) - Number(crosswalk.isSurvivor(a.id)))
    const clinic = world.clinicOf(sources[0]!.clinicId)
    return clinic !== undefined && world.chosen.includes(clinic)
      ? [{ id, clinic, sources: sources as [DataSource, ...DataSource[]] }]
      : []
  })
}

/**
 * The state of the connection that a source is of. All sources of a clinic with one spreadsheet have one connection, whose
 * state is the newest one's; without a token it waits for one, with one that cannot be renewed it rests.
 */
function statusOf({ sources, clinic }: Sheet, world: World): Status {
  const spreadsheet = sources[0].spreadsheetId.trim()
  const ofClinic = world.sources.filter(({ clinicId }) => world.clinicOf(clinicId)?.id === clinic.id)
  const together = ofClinic
    .filter(({ spreadsheetId }) => spreadsheetId.trim() === spreadsheet)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  const newest = together.find(hasToken)
  if (newest === undefined) return 'pending'
  const word = wordOf(together[0]!.connectionStatus)
  const said = statuses.find((status) => status === (word === 'syncing' ? 'active' : word)) ?? 'pending'
  const sameAccount = ofClinic.filter((source) => hasToken(source) && lastingToken(source) === lastingToken(newest))
  const canRenew = sameAccount.some(({ refreshToken }) => Boolean(refreshToken?.trim()))
  const isOver = sameAccount.every(({ expiryDate }) => expiryDate !== null && expiryDate <= world.cutover)
  return said === 'active' && isOver && !canRenew ? 'paused' : said
}

const lastingToken = ({ accessToken, refreshToken }: DataSource) => refreshToken?.trim() || accessToken.trim()

const hasToken = (source: DataSource) => lastingToken(source) !== ''

interface OfSources extends Parameters {
  readonly clinic: Clinic
  readonly status?: Status
  /** One sheet alone. */
  readonly sheetId?: string
}

/** A clinic's data sources with their mappings and how many values came from them; no answer holds a token. */
export async function dataSources(world: World): Promise<Questions> {
  const sheets = await readSheets(world)
  const values = await readValues(world)
  const definitions = await readCrosswalk(world.query, 'metric_definitions')
  const columns = (pairs: readonly (readonly [column: string, definitionId: string])[]) =>
    pairs
      .map((pair) => pair.join(' '))
      .sort()
      .join('\n')
  const perClinic = world.chosen.flatMap((clinic) =>
    [undefined, ...statuses].map((status): OfSources => {
      const about = `clinic ${clinic.id}, ${status ?? 'any'} status`
      return { about, clinicId: clinic.id, clinic, ...(status && { status }) }
    }),
  )
  const one = few('data sources', sheets, 60)
  const alone = one.some.map(({ id, clinic }): OfSources => {
    return { about: `sheet ${id}, clinic ${clinic.id}`, clinicId: clinic.id, clinic, sheetId: id }
  })
  return {
    questions: [
      {
        name: 'getDataSources',
        parameters: [...perClinic, ...alone],
        legacy: async ({ clinic, status, sheetId }: OfSources) => {
          const counted = await values.ofClinic(clinic)
          const rows: Row[] = []
          for (const sheet of sheets) {
            const actual = statusOf(sheet, world)
            if (sheet.clinic.id !== clinic.id || (status ?? actual) !== actual || (sheetId ?? sheet.id) !== sheet.id)
              continue
            const mappings = await world.legacy.columnMapping.findMany({
              where: { dataSourceId: { in: sheet.sources.map(({ id }) => id) } },
              orderBy: [{ updatedAt: 'asc' }, { createdAt: 'asc' }],
            })
            // Of two mappings of one column the newest is kept.
            const newest = new Map(
              mappings.map(({ columnName, metricDefinitionId }) => [
                columnName.trim(),
                definitions.idOf(metricDefinitionId)!,
              ]),
            )
            const [source] = sheet.sources
            rows.push({
              key: `sheet ${sheet.id}`,
              facts: {
                name: squished(source.name),
                spreadsheetId: source.spreadsheetId.trim(),
                sheetName: source.sheetName.trim(),
                frequency: wordOf(source.syncFrequency),
                lastSyncedAt: source.lastSyncedAt?.toISOString() ?? null,
                status: actual,
                mappings: columns([...newest]),
                values: counted.filter((value) => value.sheetId === sheet.id).length,
              },
            })
          }
          return rows
        },
        app: async (db, { clinic, status, sheetId }: OfSources) => {
          const found = await db.sheet.findMany({
            where: {
              clinicId: clinic.id,
              ...(sheetId && { id: sheetId }),
              ...(status && { connection: { status } }),
            },
            include: {
              connection: true,
              columnMappings: { where: { isActive: true } },
              _count: { select: { metricValues: true } },
            },
          })
          return found.map((sheet): Row => {
            const configs = sheet.columnMappings.map(({ config }) => config as unknown as Config)
            const pairs = configs.flatMap((config) =>
              config.columns.map(({ source, metric_definition_id }) => [source, metric_definition_id] as const),
            )
            return {
              key: `sheet ${sheet.id}`,
              facts: {
                name: sheet.label,
                spreadsheetId: sheet.connection.spreadsheetId,
                sheetName: sheet.sheetName,
                frequency: sheet.syncFrequency,
                lastSyncedAt: sheet.lastSyncedAt?.toISOString() ?? null,
                status: sheet.connection.status,
                mappings: columns(pairs),
                values: sheet._count.metricValues,
              },
            }
          })
        },
      },
    ],
    notAsked: one.notAsked,
  }
}

interface Config {
  readonly columns: readonly { readonly source: string; readonly metric_definition_id: string }[]
}

interface OfSheet extends Parameters {
  readonly sheet: Sheet
}

/** The last hundred values that came from a sheet. */
export async function syncHistory(world: World): Promise<Questions> {
  const values = await readValues(world)
  const { some, notAsked } = few('data sources', await readSheets(world), 60)
  return {
    questions: [
      {
        name: 'getDataSourceSyncHistory',
        limit: 100,
        parameters: some.map((sheet): OfSheet => {
          return { about: `sheet ${sheet.id}`, clinicId: sheet.clinic.id, sheet }
        }),
        legacy: async ({ sheet }: OfSheet) =>
          (await values.ofClinic(sheet.clinic))
            .filter(({ source, sheetId }) => source === 'spreadsheet' && sheetId === sheet.id)
            .sort(newestFirst(({ createdAt }) => createdAt.toISOString()))
            .map((value) => valueRow(value, value.createdAt.toISOString())),
        app: async (db, { sheet }: OfSheet) => {
          const found = await db.metricValue.findMany({
            where: { sheetId: sheet.id, source: 'spreadsheet' },
            orderBy: { createdAt: 'desc' },
            take: 100,
          })
          return found.map(toValue).map((value) => valueRow(value, value.createdAt.toISOString()))
        },
      },
    ],
    notAsked,
  }
}
