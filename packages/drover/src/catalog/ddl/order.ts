/** A statement with what is needed to put it in its place. */
export interface Placed {
  /** The object that it makes; null where nothing else needs what it does. */
  readonly address: string | null
  readonly object: string
  readonly sql: string
  /** Ahead of the rows or after them, where nothing speaks against it. */
  readonly phase: 'before' | 'after'
  /** Whether rows cannot be loaded without it. */
  readonly holdsRows: boolean
}

/**
 * Puts statements into an order in which each finds what it needs, as near to the given one as can be. What rows cannot
 * do without is ahead of them, with all that it needs; of the rest, what needs something that comes after the rows comes
 * after them too. Where objects need each other in a circle, one of them comes too early.
 */
export function placeStatements(
  statements: readonly Placed[],
  needs: ReadonlyMap<string, readonly string[]>,
): Readonly<Record<Placed['phase'], readonly Placed[]>> {
  const byAddress = new Map(statements.map((statement) => [statement.address, statement]))
  const neededBy = (statement: Placed): readonly Placed[] =>
    (needs.get(statement.address ?? '') ?? []).flatMap((address) => byAddress.get(address) ?? [])

  const ordered = inOrderOfNeeds(statements, neededBy)
  const early = inOrderOfNeeds(
    statements.filter(({ holdsRows }) => holdsRows),
    neededBy,
  )
  const before = new Set(early)
  for (const statement of ordered) {
    // All that it needs has had its turn: it stands ahead of it.
    if (statement.phase === 'before' && neededBy(statement).every((needed) => before.has(needed))) before.add(statement)
  }
  return {
    before: ordered.filter((statement) => before.has(statement)),
    after: ordered.filter((statement) => !before.has(statement)),
  }
}

/** The statements and all that they need, directly or not, each after what it needs. */
function inOrderOfNeeds(
  statements: readonly Placed[],
  neededBy: (statement: Placed) => readonly Placed[],
): readonly Placed[] {
  const seen = new Set<Placed>()
  const ordered: Placed[] = []
  const place = (statement: Placed): void => {
    if (seen.has(statement)) return
    seen.add(statement)
    for (const needed of neededBy(statement)) place(needed)
    ordered.push(statement)
  }
  for (const statement of statements) place(statement)
  return ordered
}
