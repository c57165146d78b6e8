import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { squished, wordOf } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { readSheets, type Status, statuses, statusOf } from '../sheets.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

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
            },
          })
          const counts = await db.metricValue.groupBy({
            by: ['sheetId'],
            where: { sheetId: { in: found.map(({ id }) => id) } },
            _count: true,
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
                values: counts.find((each) => each.sheetId === sheet.id)?._count ?? 0,
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
