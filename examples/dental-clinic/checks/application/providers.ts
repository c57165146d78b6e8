import { targetId } from '../../generator/target-id.ts'
import type { Provider } from '../../prisma/generated/legacy/client.ts'
import { readCrosswalk } from './crosswalk.ts'
import { squished, wordOf } from './people.ts'
import type { Clinic, World } from './world.ts'

/** The provider of the new schema whom a row of a clinic names; undefined where there is none. */
export type ProviderOf = (legacyId: string | null, clinic: Clinic) => string | undefined

/** A provider of the new schema, as the legacy rows make him expected. */
export interface ExpectedProvider {
  readonly id: string
  readonly clinicId: string
  readonly name: string
  readonly type: string
  readonly status: string
  /** Stands in a clinic for a provider of another one whom its rows name; he works nowhere. */
  readonly isClone: boolean
  readonly createdAt: Date
}

export async function readProviders(world: World) {
  const crosswalk = await readCrosswalk(world.query, 'providers')
  const survivors = world.providers.filter(({ id }) => crosswalk.isSurvivor(id))
  const own = survivors.flatMap((provider): ExpectedProvider[] => {
    const clinic = world.clinicOf(provider.clinicId)
    return clinic === undefined || squished(provider.name) === ''
      ? []
      : [
          {
            id: crosswalk.idOf(provider.id) ?? `of legacy ${provider.id}`,
            clinicId: clinic.id,
            name: squished(provider.name),
            type: typeOf(provider),
            status: wordOf(provider.status) === 'active' ? 'active' : 'inactive',
            isClone: false,
            createdAt: provider.createdAt,
          },
        ]
  })
  const byId = new Map(world.providers.map((provider) => [provider.id, provider]))
  const byName = new Map(
    own.map((provider) => [personIn(provider.clinicId, provider.name, provider.type), provider.id]),
  )

  const providerOf: ProviderOf = (legacyId, clinic) => {
    const named = legacyId === null ? undefined : byId.get(legacyId)
    if (named === undefined) return undefined
    if (world.clinicOf(named.clinicId)?.id === clinic.id) return crosswalk.idOf(named.id)
    const twin = byName.get(personIn(clinic.id, named.name, typeOf(named)))
    return twin ?? cloneId(clinic, named)
  }
  return { own, providerOf, clones: await readClones(world, own) }
}

/**
 * The clones: which there are is the ledger's to say, since any value or goal may have brought one about; what they are,
 * by rule, is the provider whom they stand for, inactive.
 */
async function readClones(world: World, own: readonly ExpectedProvider[]): Promise<ExpectedProvider[]> {
  const rows = await world.query(
    `select x.source_key, p.full_name
    from drover.crosswalk_provider_stand_ins as x
    left join public.providers as p on p.id = x.id
    where x.disposition = 'loaded'`,
  )
  return rows.flatMap((row): ExpectedProvider[] => {
    const [clinicId, match, type] = JSON.parse(String(row.source_key)) as [string, string, string]
    const clinic = world.clinics.find(({ id }) => id === clinicId)
    const originals = own.filter((provider) => matchName(provider.name) === match && provider.type === type)
    const names = originals.map(({ name }) => name).sort()
    return clinic === undefined || names.length === 0
      ? []
      : [
          {
            id: targetId('providers:clone', `${clinic.legacyIds[0]}:${match}:${type}`),
            clinicId,
            // Of several spellings in several clinics a clone may have any.
            name: names.find((name) => name === row.full_name) ?? names[0]!,
            type,
            status: 'inactive',
            isClone: true,
            createdAt: originals.map(({ createdAt }) => createdAt).reduce((a, b) => (a < b ? a : b)),
          },
        ]
  })
}

/** The name as it is compared: spelling and title do not matter. */
function matchName(name: string): string {
  return squished(name)
    .toLowerCase()
    .replace(/^dr\.? /, '')
}

function personIn(clinicId: string, name: string, type: string): string {
  return `${clinicId} ${matchName(name)} ${type}`
}

function cloneId(clinic: Clinic, named: Provider): string {
  return targetId('providers:clone', `${clinic.legacyIds[0]}:${matchName(named.name)}:${typeOf(named)}`)
}

function typeOf({ providerType }: Provider): string {
  const word = wordOf(providerType)
  return ['dentist', 'hygienist', 'specialist'].includes(word) ? word : 'other'
}
