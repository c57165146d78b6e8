import pg from 'pg'

/** A connection, for as long as `use` takes. An aborted signal ends its session, whatever it is at. */
export async function withClient<T>(
  url: string,
  signal: AbortSignal,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return connected(url, async (client) => {
    const { rows } = await client.query('select pg_backend_pid() as pid')
    // The server would finish the statement of a client that is gone, which takes minutes at scale M.
    const end = () =>
      connected(url, (other) => other.query('select pg_terminate_backend($1)', [rows[0].pid])).catch(() => client.end())
    signal.addEventListener('abort', end)
    try {
      signal.throwIfAborted()
      return await use(client)
    } finally {
      signal.removeEventListener('abort', end)
    }
  })
}

async function connected<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // A session that is ended fails its statement, too: that is where it is told.
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
