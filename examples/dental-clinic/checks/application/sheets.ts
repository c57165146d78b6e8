import type { DataSource } from '../../prisma/generated/legacy/client.ts'
import { readCrosswalk } from './crosswalk.ts'
import { wordOf } from './people.ts'
import type { Clinic, World } from './world.ts'

/** The states of a connection. */
export const statuses = ['pending', 'active', 'paused', 'error', 'disconnected'] as const

export type Status = (typeof statuses)[number]

/** A sheet of the new schema, and the legacy sources that are it. */
export interface Sheet {
  readonly id: string
  readonly clinic: Clinic
  readonly sources: readonly [DataSource, ...DataSource[]]
}

/** The sheets of the clinics that are asked about. */
export async function readSheets(world: World): Promise<Sheet[]> {
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
export function statusOf({ sources, clinic }: Sheet, world: World): Status {
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
