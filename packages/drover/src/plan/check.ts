import { type Catalog, findTable } from '../catalog/catalog.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { ancestorsOf, invalid, readMigration } from './build.ts'
import { foreseeTogether, type Pass } from './foresee.ts'
import { type GuessPlan, guessesOf } from './guessed.ts'
import { reaches } from './order.ts'
import { groupPasses, weigh } from './passes.ts'
import { type ProfilePlan, profilesOf } from './profile.ts'
import type { MappingParts } from './row.ts'
import type { IndexExpressions } from './rules.ts'

/** Everything that a check asks, as statements that read and never write (I5). */
export interface CheckPlan {
  /** The mappings in order. */
  readonly mappings: readonly string[]
  readonly passes: readonly (Pass & { readonly weight: number })[]
  readonly profiles: readonly (ProfilePlan & { readonly weight: number })[]
  readonly guesses: readonly (GuessPlan & { readonly weight: number })[]
  /** Mappings that are not foreseen, and why. */
  readonly leftOut: readonly { readonly mapping: string; readonly why: string }[]
}

/** What the catalog does not hold of the database. */
export interface CheckFacts {
  /** Whether there is a ledger, with fixes and decisions that a run would read. */
  readonly hasLedger: boolean
  readonly expressions: IndexExpressions
  /** Estimated rows of a table, by its qualified name. */
  readonly rowsOf: (table: string) => number
  /** Whether values of the source may be shown, where no mapping forbids it. */
  readonly showsValues: boolean
}

/** Rows from which on what is derived of them is not foreseen: it takes longer than all the rest of a check. */
const tooManyToDerive = 100_000

/**
 * The plan of a check: pure, the same for the same arguments.
 *
 * @throws DroverError `definition-invalid`, as `buildPlan`.
 */
export function buildCheck(definition: MigrationDefinition, catalog: Catalog, facts: CheckFacts): CheckPlan {
  const findings: string[] = []
  const { all, dependencies } = readMigration(definition, catalog, facts.hasLedger, findings)
  const weights = weigh(all, facts.rowsOf)
  const weightOf = ({ mapping }: MappingParts) => weights.get(mapping.name) ?? 0
  const isLeftOut = (parts: MappingParts) => parts.mapping.kind === 'derive' && weightOf(parts) >= tooManyToDerive
  const asked = all.filter((parts) => !isLeftOut(parts))
  const groups = groupPasses(asked, (one, other) => one !== other && reaches(dependencies, one, other), facts.rowsOf)
  const passes = groups.map((group) => {
    const names = group.map(({ mapping }) => mapping.name)
    const needed = new Set([...group, ...group.flatMap((parts) => ancestorsOf(parts, all, dependencies))])
    const pass = foreseeTogether(
      all.filter((parts) => needed.has(parts)),
      names,
      { expressions: facts.expressions },
    )
    return { ...pass, weight: Math.max(...group.map(weightOf)) }
  })
  if (findings.length > 0) throw invalid(definition, findings)
  const profiles = profilesOf(definition, catalog, facts.showsValues)
  const tables = profiles.map(({ table }) => table).filter((table) => findTable(catalog, table) !== undefined)
  const weighed = <T extends { readonly table: string }>(each: T) => ({ ...each, weight: facts.rowsOf(each.table) })
  return {
    mappings: asked.map(({ mapping }) => mapping.name),
    passes,
    profiles: profiles.map(weighed),
    guesses: guessesOf(all, tables, catalog).map(weighed),
    leftOut: all.filter(isLeftOut).map(({ mapping }) => ({
      mapping: mapping.name,
      why: 'Its rows, which are derived from many that would be loaded.',
    })),
  }
}
