import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { serverSilence, watchSilence } from '../../src/db/silence.ts'

// What happens where nothing answers is tried with hosts of their own, in test/hosts.

test('what a server is told fits into the time, however short', () => {
  const last = (silenceMs: number) => {
    const { tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count } = serverSilence(silenceMs)
    const seconds = (setting: string | undefined) => Number.parseInt(setting!, 10)
    return seconds(tcp_keepalives_idle) + seconds(tcp_keepalives_interval) * Number(tcp_keepalives_count)
  }
  expect([2_000, 4_000, 20_000, 60_000].map(last)).toEqual([2, 4, 22, 62])
  expect(serverSilence(20_000)).toMatchObject({
    tcp_user_timeout: '20000ms',
    client_connection_check_interval: '5000ms',
  })
})

test('a connection on which nothing comes stays as long as its server takes others', async () => {
  let taken = 0
  const server = createServer(() => taken++).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const unwatch = watchSilence(socket, 400)
  await sleep(1_200)
  expect(socket.destroyed).toBe(false)
  // One look is enough, until something comes or goes.
  expect(taken).toBe(2)
  socket.write('a word')
  await sleep(400)
  expect(taken).toBe(3)
  unwatch()
  socket.write('another')
  await sleep(400)
  expect(taken).toBe(3)
})
