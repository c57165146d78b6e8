import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server on which connections can be broken as networks break them. */
export interface BreakableWay {
  /** The server's connection string, by way of the proxy. */
  readonly url: string
  /** Breaks every connection, and takes no other until `admit`. */
  cutOff(): void
  admit(): void
  /** Breaks the connection that next sends this to the server, once the server has received it and before it answers. */
  breakAfter(sent: string): Promise<void>
  close(): Promise<void>
}

/** Opens a proxy in front of the server that the connection string names. */
export async function openProxy(target: string): Promise<BreakableWay> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let isOpen = true
  let awaited: { readonly sent: string; readonly broken: () => void } | undefined
  const server = createServer((client) => {
    if (!isOpen) return void client.destroy()
    const upstream = connect(Number(port), hostname)
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    let isDeaf = false
    upstream.on('data', (data) => void (isDeaf || client.write(data)))
    client.on('data', (data) => {
      upstream.write(data)
      if (awaited === undefined || !data.includes(awaited.sent)) return
      const { broken } = awaited
      awaited = undefined
      isDeaf = true
      // What the server answers shows that it has received it; the client never learns of it.
      upstream.once('data', () => {
        end()
        broken()
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const cutOff = () => {
    isOpen = false
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
  }
  return {
    url: url.href,
    cutOff,
    admit: () => {
      isOpen = true
    },
    breakAfter: (sent) =>
      new Promise((broken) => {
        awaited = { sent, broken }
      }),
    close: async () => {
      cutOff()
      server.close()
      await once(server, 'close')
    },
  }
}
