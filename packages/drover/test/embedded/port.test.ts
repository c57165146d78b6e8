import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, startOnFreePort } from '../../src/embedded/port.ts'
import { DroverError } from '../../src/error.ts'

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening').catch((cause) => {
    throw new DroverError('embedded-port-in-use', 'The port is in use.', { cause })
  })
  return server
}

test('a port that was taken since we looked is given up for another one', async () => {
  const other = await listen(0)
  const { port: taken } = other.address() as { port: number }
  let looked = 0
  const findPort = async () => (++looked < 3 ? taken : freePort())
  const server = await startOnFreePort(listen, findPort)
  expect(looked).toBe(3)
  expect(server.address()).not.toMatchObject({ port: taken })
  await expect(startOnFreePort(listen, async () => taken)).rejects.toMatchObject({ code: 'embedded-port-in-use' })
  server.close()
  other.close()
})
