import pg from 'pg'

export interface TestDatabase {
  /** The superuser's connection string. */
  readonly url: string
  readonly name: string
  /** Runs statements without parameters, or one with them, on a connection of its own, which stays open. */
  query<R extends pg.QueryResultRow = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>
  /** Closes the connection, so that the database can be a template; the next query opens it again. */
  disconnect(): Promise<void>
  drop(): Promise<void>
}

/** A database of any server; to drop it is to disconnect. */
export function connectTo(url: string): TestDatabase {
  let client: pg.Client | undefined
  const connected = async () => {
    if (client) return client
    client = new pg.Client({ connectionString: url })
    // The database may be dropped under an idle connection.
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const disconnect = async () => {
    await client?.end()
    client = undefined
  }
  return {
    url,
    name: new URL(url).pathname.slice(1),
    query: async <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
      (await (await connected()).query<R>(text, values as unknown[])).rows ?? [],
    disconnect,
    drop: disconnect,
  }
}
