import { createServer, type Socket } from 'node:net'

export interface FakeServer {
  readonly url: string
  close(): void
}

/**
 * Speaks as much of PostgreSQL's protocol as it takes to log in without a password and to be asked for the version: no
 * server that old is at hand.
 */
export async function serverOfVersion(versionNumber: string): Promise<FakeServer> {
  const server = createServer((socket) => {
    let isStarted = false
    socket.on('error', () => {})
    socket.on('data', (data) => {
      if (!isStarted) {
        isStarted = true
        send(socket, 'R', Buffer.from([0, 0, 0, 0]))
        send(socket, 'Z', Buffer.from('I'))
        return
      }
      if (data.toString('latin1').startsWith('Q'))
        answer(socket, data.toString('utf8', 5, data.length - 1), versionNumber)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, close: () => server.close() }
}

function answer(socket: Socket, statement: string, versionNumber: string): void {
  // A setting that came with version 14.
  if (statement.includes('enable_memoize')) {
    const fields = ['SERROR', 'C42704', 'Munrecognized configuration parameter "enable_memoize"'].join('\0')
    send(socket, 'E', Buffer.from(`${fields}\0\0`))
    send(socket, 'Z', Buffer.from('I'))
    return
  }
  if (statement.includes(`current_setting('server_version_num')`)) {
    const name = Buffer.from('version\0')
    const column = Buffer.alloc(18)
    column.writeInt32BE(25, 6)
    column.writeInt16BE(-1, 10)
    column.writeInt32BE(-1, 12)
    send(socket, 'T', Buffer.concat([Buffer.from([0, 1]), name, column]))
    const value = Buffer.from(versionNumber)
    send(socket, 'D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0, value.length]), value]))
  }
  send(socket, 'C', Buffer.from(`${/^\w+/.exec(statement)?.[0].toUpperCase()}\0`))
  send(socket, 'Z', Buffer.from('I'))
}

function send(socket: Socket, type: string, body: Buffer): void {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  socket.write(Buffer.concat([head, body]))
}
