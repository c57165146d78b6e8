import type { RebuildPlan, RebuiltObject } from './rebuild-plan.ts'

/** What a run finds of a target at its start. */
export interface TargetState {
  readonly isEmpty: boolean
  readonly isOwned: boolean
  /** Whether a publication sends its rows: by the primary key. */
  readonly isPublished: boolean
  /** The tables that foreign keys lead to and to which the role may make none, as `schema.name`. */
  readonly unreferable: readonly string[]
}

/** An index or constraint of a target, and whether it is taken off for the load. */
export interface ChosenObject {
  readonly rebuild: RebuildPlan
  readonly object: RebuiltObject
  /** Why it stays, without a full stop; null where it is taken off. */
  readonly why: string | null
}

/**
 * What is taken off of what a plan names, in its order: where the targets are as they must be, and nothing that stays
 * depends on it.
 */
export function chooseRebuilds(
  rebuilds: readonly RebuildPlan[],
  states: ReadonlyMap<string, TargetState>,
): readonly ChosenObject[] {
  let chosen = rebuilds.flatMap((rebuild) =>
    rebuild.objects.map(
      (object): ChosenObject => ({ rebuild, object, why: whyKept(object, states.get(rebuild.table)!) }),
    ),
  )
  for (let isSettled = false; !isSettled; ) {
    const off = new Set(chosen.filter(({ why }) => why === null).map(identityOf))
    const next = chosen.map((each): ChosenObject => {
      const needing = each.why === null ? each.object.requiredBy.find((name) => !off.has(unquoted(name))) : undefined
      return needing === undefined ? each : { ...each, why: `${needing} needs it` }
    })
    isSettled = next.every(({ why }, i) => why === chosen[i]!.why)
    chosen = next
  }
  return chosen
}

function whyKept({ kind, references }: RebuiltObject, state: TargetState): string | null {
  if (!state.isEmpty) return 'the table holds rows'
  if (!state.isOwned) return 'the table is not owned by the role'
  if (kind === 'primary key' && state.isPublished) return 'a publication sends rows by it'
  if (references !== null && state.unreferable.includes(references)) return `the role may not refer to ${references}`
  return null
}

/** As the server names it, but for quotes. */
function identityOf({ rebuild, object }: ChosenObject): string {
  return `${object.kind} ${object.name} on ${rebuild.table}`
}

function unquoted(name: string): string {
  return name.replaceAll('"', '')
}
