import { few } from '../bounds.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { readSheets, type Sheet } from '../sheets.ts'
import { newestFirst, toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { World } from '../world.ts'

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
