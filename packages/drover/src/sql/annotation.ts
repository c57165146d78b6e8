import { type OperationNode, RawNode } from 'kysely'
import { isNode, marksIn, remembered } from './tree.ts'

/**
 * What drover's helpers say about a piece of SQL, carried inside Kysely's own operation nodes: an annotated node prints
 * as the SQL it wraps, so it can stand anywhere in a user's expression, and the compile step finds it wherever it ended up.
 */
export type Annotation =
  /** The wrapped expression carries guards. */
  | { readonly kind: 'guarded'; readonly guards: readonly Guard[] }
  /** The wrapped expression is evaluated once a row, however often it is mentioned. */
  | {
      readonly kind: 'once'
      /** The column of the source, in SQL, for every value of which the expression gives another one. */
      readonly tellsApart?: string
    }
  /** A target key, found in the crosswalk of `mapping` under the source key `key`. `part` tells which column is meant. */
  | {
      readonly kind: 'reference'
      readonly mapping: string
      readonly key: OperationNode
      readonly part: ReferencePart
      /** Where mappings refer to each other in a circle, this reference may be filled after the load. */
      readonly isLater: boolean
    }
  /** A column of the target row of `mapping` whose key is `id`. */
  | { readonly kind: 'lookup'; readonly mapping: string; readonly id: OperationNode; readonly column: string }
  /** The wrapped expression is made of a document that may hold source keys of these mappings, as JSON. */
  | { readonly kind: 'document'; readonly mappings: readonly string[]; readonly document: OperationNode }
  /** The crosswalk of `mapping`, as a relation for the `from` of another mapping. */
  | { readonly kind: 'crosswalk'; readonly mapping: string }
  /** What the ledger holds of `mapping` in the run that is verified, as a relation for the queries of checks. */
  | { readonly kind: 'ledger'; readonly relation: LedgerRelation; readonly mapping: string }
  /** The first value, in `order`, that a row of the identity group has; the wrapped expression is the row's own. */
  | { readonly kind: 'filled'; readonly order: readonly OperationNode[] }
  /** The wrapped expression over the rows of the identity group, as a JSON array. */
  | { readonly kind: 'collected'; readonly collection: Collection }
  /** Whether the row's own entry was left out of the collection, because another one is equal in `distinct`. */
  | { readonly kind: 'superseded'; readonly entry: OperationNode; readonly collection: Collection }
  /** Whether another row is equal in `by`; where `differIn` is given, one that differs there. */
  | {
      readonly kind: 'alike'
      readonly by: readonly OperationNode[]
      readonly differIn: readonly OperationNode[]
      /** Rows for which this does not hold look like no other. */
      readonly when: OperationNode | undefined
    }
  /** A value that a function in JavaScript makes for the row. */
  | { readonly kind: 'computed'; readonly column: string }
  /** A target column of the mapping itself, for identity, survivor and match. */
  | { readonly kind: 'target'; readonly column: string }
  /** A column of the target row as it stood before the mapping, for match. */
  | { readonly kind: 'existing'; readonly column: string }
  /** A value that differs from call to call: made once a row for each node, in the chunk's statement alone. */
  | { readonly kind: 'random' }
  /** A column of the one as whom a check asks, as text. */
  | { readonly kind: 'actor'; readonly column: string }
  /** The run's fixed "now" (I7). */
  | { readonly kind: 'cutover' }
  /** A function of an extension, qualified with the schema in which the extension is installed. */
  | { readonly kind: 'extension'; readonly extension: string; readonly function: string }
  /** The wrapped expression from that major version of the server on, the other one before. */
  | { readonly kind: 'since'; readonly version: number; readonly before: OperationNode }

/** `target`: the target key · `source_key` and `disposition`: the crosswalk's own columns. */
export type ReferencePart = 'target' | 'source_key' | 'disposition'

/** A table of the ledger that checks can read. */
export type LedgerRelation = 'quarantine' | 'correction' | 'note' | 'merge'

/** How the rows of an identity group become one array. Rows equal in all terms stand in the order of their keys. */
export interface Collection {
  readonly order: readonly OperationNode[]
  /** Of rows equal in these, one stays. None: all stay. */
  readonly distinct: readonly OperationNode[]
  /** Which one stays: the first in this order. */
  readonly keep: readonly OperationNode[]
}

/** What happens to a row, or to one value of it, when a guard's condition holds. */
export type Outcome = 'quarantine' | 'correct' | 'note'

/** A condition on a source row that withholds the row, tells that a value was changed, or counts without changing. */
export interface Guard {
  readonly code: string
  readonly outcome: Outcome
  /** Of a quarantine: the row stays out for good, accepted by the migration itself. */
  readonly accepted?: true
  readonly when: OperationNode
  /** What the source held, logged with a correction or note. */
  readonly original?: OperationNode
  /** Logged for duplicates too; otherwise only for the row that stands for them. */
  readonly ofDuplicates?: true
}

/** What reads nothing but the row, the constants of the run and the server: it can be placed over the row alone. */
export const rowAnnotations: ReadonlySet<Annotation['kind']> = new Set([
  'guarded',
  'once',
  'document',
  'cutover',
  'extension',
  'since',
] as const)

/** A node that carries what drover knows of it. */
export interface AnnotatedNode extends RawNode {
  readonly drover: Annotation
}

/** Wraps a node: it prints as before and carries `annotation`. */
export function annotate(node: OperationNode, annotation: Annotation): AnnotatedNode {
  return { ...RawNode.createWithChild(node), drover: annotation }
}

/** What drover knows of a node; undefined of nodes that are plain SQL. */
export function annotationOf(node: object): Annotation | undefined {
  return (node as Partial<AnnotatedNode>).drover
}

/** The node that an annotated node wraps. */
export function wrapped(node: object): OperationNode {
  return (node as AnnotatedNode).parameters[0]!
}

const annotationsUnder = remembered((root: object): readonly Annotation[] =>
  isNode(root) ? marksIn(root).flatMap((node) => annotationOf(node) ?? []) : annotationsIn(Object.values(root)),
)

/** The annotations in a tree, or in a list or record of trees, the innermost first; of several trees one may come twice. */
export function annotationsIn(root: unknown): readonly Annotation[] {
  if (typeof root !== 'object' || root === null) return []
  return Array.isArray(root) ? root.flatMap(annotationsIn) : annotationsUnder(root)
}
