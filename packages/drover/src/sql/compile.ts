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

/** Kysely's PostgreSQL compiler with values printed in place: a plan is text that a person can read and psql can run. */
class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    this.appendImmediateValue(value)
  }
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
