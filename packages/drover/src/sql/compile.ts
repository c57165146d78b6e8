import {
  type ColumnNode,
  DummyDriver,
  type IdentifierNode,
  Kysely,
  type OperationNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawNode,
  type ReferenceNode,
  type ValueNode,
} from 'kysely'
import { DroverError } from '../error.ts'

/**
 * Where a column is read, as alias and column, whose relation is out of sight, in a derived table; undefined where it
 * is in sight.
 */
export type Rename = (alias: string, column: string) => readonly [string, string] | undefined

/** Kysely's PostgreSQL compiler with values printed in place: a plan is text that a person can read and psql can run. */
class LiteralCompiler extends PostgresQueryCompiler {
  /**
   * A text that is appended to piece by piece would hold on to every piece, in many times the room, until it is first
   * read.
   */
  readonly #pieces: string[] = []
  #rename: Rename | undefined

  override compileQuery(...query: Parameters<PostgresQueryCompiler['compileQuery']>) {
    this.#pieces.length = 0
    return super.compileQuery(...query)
  }

  /** The text alone, without what Kysely puts around it. */
  print(node: OperationNode, rename?: Rename): string {
    this.#pieces.length = 0
    this.nodeStack.length = 0
    this.#rename = rename
    this.visitNode(node)
    return this.#pieces.join('')
  }

  protected override append(text: string): void {
    this.#pieces.push(text)
  }

  protected override getSql(): string {
    return this.#pieces.join('')
  }

  // Most of a plan is raw nodes in raw nodes, columns of aliases and literals. What stands above a node decides about
  // parentheses alone, and for all raw nodes alike.
  protected override visitRaw({ sqlFragments, parameters }: RawNode): void {
    for (let i = 0; i < sqlFragments.length; i += 1) {
      if (sqlFragments[i] !== '') this.append(sqlFragments[i]!)
      const child = parameters[i]
      if (child === undefined) continue
      switch (child.kind) {
        case 'RawNode':
          this.visitRaw(child as RawNode)
          break
        case 'ReferenceNode':
          this.visitReference(child as ReferenceNode)
          break
        case 'IdentifierNode':
          this.visitIdentifier(child as IdentifierNode)
          break
        case 'ValueNode':
          this.appendImmediateValue((child as ValueNode).value)
          break
        default:
          this.visitNode(child)
      }
    }
  }

  protected override visitReference(node: ReferenceNode): void {
    const { table, column } = node
    if (table === undefined || table.table.schema !== undefined || column.kind !== 'ColumnNode') {
      super.visitReference(node)
    } else {
      const alias = table.table.identifier.name
      const { name } = (column as ColumnNode).column
      const [readAs, readColumn] = this.#rename?.(alias, name) ?? [alias, name]
      this.append(`${this.#quoted(readAs)}.${this.#quoted(readColumn)}`)
    }
  }

  protected override visitIdentifier(node: IdentifierNode): void {
    this.append(this.#quoted(node.name))
  }

  #quoted(name: string): string {
    return `"${name.includes('"') ? this.sanitizeIdentifier(name) : name}"`
  }

  protected override appendValue(value: unknown): void {
    this.appendImmediateValue(value)
  }

  protected override appendImmediateValue(value: unknown): void {
    if (typeof value === 'number' || typeof value === 'bigint') this.append(numberLiteral(value))
    else if (typeof value === 'string')
      this.append(`'${value.includes("'") ? this.sanitizeStringLiteral(value) : value}'`)
    else if (value === null || value instanceof Date || typeof value === 'boolean') {
      super.appendImmediateValue(value)
    } else {
      throw new DroverError('definition-invalid', 'An expression holds a value that SQL has no literal for.', {
        why: `its type is ${Array.isArray(value) ? 'array' : typeof value}`,
        remedy: 'Give a list to sql.join([…]), and everything else as a text with a cast to its type.',
      })
    }
  }
}

/** Behind another minus sign, a bare negative number would begin a comment; before a cast, it would lose its sign. */
function numberLiteral(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return `'${value}'`
  return value < 0 ? `(${value})` : String(value)
}

/** A Kysely that builds queries and can never run one: it has no driver. */
export function queryBuilder<DB>(): Kysely<DB> {
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new LiteralCompiler(),
    },
  })
}

/** To make one takes longer than to print most nodes. Each call begins anew. */
const compiler = new LiteralCompiler()

/**
 * The SQL text of a node. Values appear as literals; places for parameters are nodes made by {@link parameter}. Columns are
 * written as `rename` says.
 */
export function compile(node: OperationNode, rename?: Rename): string {
  return compiler.print(node, rename)
}
