/**
 * How a cluster carries a statement out. `pushed down`: every node by itself · `repartitioned`: the nodes make the rows
 * and send them to one another · `through the coordinator`: all rows pass through it · `local`: on the coordinator
 * alone.
 */
export type ExecutionMode = 'pushed down' | 'repartitioned' | 'through the coordinator' | 'local'

/**
 * What the server says of how the rows of a mapping will be written. It is told when the plan is shown, and no part of
 * its hash.
 */
export interface Execution {
  readonly mapping: string
  /** Null where the server did not plan the statement. */
  readonly mode: ExecutionMode | null
  /** On how many shards the rows are made at once, of all parts of the statement the most; 0 where on none. */
  readonly tasks: number
  /** One sentence. */
  readonly sentence: string
}

/** What an EXPLAIN tells. */
export interface ReadExecution {
  readonly mode: ExecutionMode
  readonly tasks: number
}

/**
 * Reads an EXPLAIN in text form, line by line as the server returns it. What passes through the coordinator anywhere
 * makes the whole statement so: a subplan is carried out first, and its rows are collected there.
 *
 * The lines are those that Citus 12.1 prints; tried on three recorded ones. A plan of another server is `local`.
 */
export function readExecution(lines: readonly string[]): ReadExecution {
  const isThere = (part: RegExp) => lines.some((line) => part.test(line))
  const tasks = Math.max(0, ...lines.map((line) => Number(/^\s*Task Count: (\d+)$/.exec(line)?.[1] ?? 0)))
  if (
    isThere(/^\s*(INSERT\/SELECT|MERGE INTO .*) method: pull to coordinator$/) ||
    isThere(/->\s+Distributed Subplan /)
  ) {
    return { mode: 'through the coordinator', tasks }
  }
  if (isThere(/^\s*(INSERT\/SELECT|MERGE INTO .*) method: repartition$/)) return { mode: 'repartitioned', tasks }
  return { mode: isThere(/^\s*(->\s+)?Custom Scan \(Citus /) ? 'pushed down' : 'local', tasks }
}

/** What that means for the rows of a target, in one sentence. */
export function executionSentence({ mode, tasks }: ReadExecution): string {
  const made = tasks > 1 ? `Rows are made on ${tasks} shards at once` : 'Rows are made on one node'
  switch (mode) {
    case 'pushed down':
      return `${made} and stay there.`
    case 'repartitioned':
      return `${made} and sent from node to node, by the distribution column.`
    case 'through the coordinator':
      return tasks === 0
        ? 'Rows are made on the coordinator, which sends each to its node.'
        : `${made} and pass through the coordinator, which sends each to its node.`
    case 'local':
      return 'Rows are made and kept on the coordinator.'
  }
}
