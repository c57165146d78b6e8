import pg from 'pg'

/** A server on which databases are made and copied. */
export interface Server {
  /** Makes a database, of a template if one is named, and returns its connection string. */
  readonly create: (name: string, template?: string) => Promise<string>
  readonly drop: (name: string) => Promise<void>
  readonly withClient: <T>(url: string, use: (client: pg.Client) => Promise<T>) => Promise<T>
}

/** The server of a superuser's connection string. */
export function serverAt(url: string): Server {
  const ask = (text: string) => withClient(url, (client) => client.query(text))
  return {
    create: async (name, template = 'template0') => {
      await ask(`create database ${name} template ${template}`)
      const created = new URL(url)
      created.pathname = `/${name}`
      return created.href
    },
    drop: async (name) => {
      await ask(`drop database ${name} with (force)`)
    },
    withClient,
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
