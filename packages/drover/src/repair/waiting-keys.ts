import type { Queryable } from '../db/connection.ts'
import { checkConstraintsAtOnce } from '../plan/plan.ts'
import type { WaitingKey } from '../plan/repair-plan.ts'

/**
 * Foreign keys that a repair lets wait: the row that is referred to and those that refer to it change in two statements.
 * Altered and altered back within the transaction, so that nobody else ever sees them so.
 */
export class WaitingKeys {
  readonly #tx: Queryable
  readonly #enforce = new Set<string>()

  constructor(tx: Queryable) {
    this.#tx = tx
  }

  async wait(keys: readonly WaitingKey[]): Promise<void> {
    for (const { wait, enforce } of keys) {
      if (this.#enforce.has(enforce)) continue
      this.#enforce.add(enforce)
      for (const statement of wait) await this.#tx.query(statement)
    }
  }

  /** Checks what has waited, and lets nothing wait any more. */
  async enforce(): Promise<void> {
    await this.#tx.query(checkConstraintsAtOnce)
    for (const statement of this.#enforce) await this.#tx.query(statement)
  }
}
