import {
  createQueryId,
  DummyDriver,
  Kysely,
  type OperationNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RootOperationNode,
} from 'kysely'
import { DroverError } from '../error.ts'

/** Kysely's PostgreSQL compiler with values printed in place: a plan is text that a person can read and psql can run. */
class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    this.appendImmediateValue(value)
  }

  protected override appendImmediateValue(value: unknown): void {
    if (typeof value === 'number' || typeof value === 'bigint') this.append(numberLiteral(value))
    else if (value === null || value instanceof Date || typeof value === 'string' || typeof value === 'boolean') {
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
  return value < 0 || Object.is(value, -0) ? `(${value})` : String(value)
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

/** The SQL text of a node. Values appear as literals; places for parameters are nodes made by {@link parameter}. */
export function compile(node: OperationNode): string {
  return new LiteralCompiler().compileQuery(node as RootOperationNode, createQueryId()).sql
}
