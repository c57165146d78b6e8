import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { startEmbedded } from '../../src/embedded/index.ts'
import { queryAt } from './query.ts'
import { isRoot, temporaryFolder } from './sandbox.ts'

const small = { settings: { shared_buffers: '32MB' } }

const folder = await temporaryFolder()
const dataDirectory = join(folder, 'new', 'data')
beforeAll(async () => {
  const server = await startEmbedded({ ...small, dataDirectory: relative('.', dataDirectory) })
  await queryAt(server.url, 'create table kept as select 42 as answer')
  await server.stop()
})

test('is kept when the server stops, and used again', async () => {
  expect(existsSync(join(dataDirectory, 'PG_VERSION'))).toBe(true)
  expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false)
  const server = await startEmbedded({ ...small, dataDirectory })
  expect(await queryAt(server.url, 'select answer from kept')).toBe('42')
  await expect(startEmbedded({ ...small, dataDirectory })).rejects.toMatchObject({
    code: 'embedded-data-directory',
    what: 'Another server uses the data directory.',
    where: dataDirectory,
  })
  expect(await queryAt(server.url, 'select answer from kept')).toBe('42')
  await server.stop()
})

test('a port that is taken is named', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(startEmbedded({ ...small, dataDirectory, port })).rejects.toMatchObject({
    code: 'embedded-port-in-use',
    where: `127.0.0.1:${port}`,
  })
  other.close()
  await once(other, 'close')
  const server = await startEmbedded({ ...small, dataDirectory, port })
  expect(server.port).toBe(port)
  await server.stop()
})

test('of another major version is refused', async () => {
  const old = join(folder, 'old')
  await mkdir(old)
  await writeFile(join(old, 'PG_VERSION'), '15\n')
  await expect(startEmbedded({ dataDirectory: old })).rejects.toMatchObject({
    code: 'embedded-data-directory',
    what: 'The data is of PostgreSQL 15, the server of 18.',
    where: old,
    remedy: expect.stringContaining('pg_upgrade'),
  })
})

test('that holds something else is refused and left alone', async () => {
  const full = join(folder, 'full')
  await mkdir(full)
  await writeFile(join(full, 'letter'), '')
  const before = await stat(full)
  await expect(startEmbedded({ dataDirectory: full })).rejects.toMatchObject({
    code: 'embedded-data-directory',
    where: full,
  })
  expect(await readdir(full)).toEqual(['letter'])
  expect(await stat(full)).toMatchObject({ uid: before.uid, mode: before.mode })
})

test.runIf(isRoot)('that the server cannot reach is told so', async () => {
  const closed = join(folder, 'closed')
  await mkdir(closed, { mode: 0o700 })
  await expect(startEmbedded({ dataDirectory: join(closed, 'data') })).rejects.toMatchObject({
    code: 'embedded-data-directory',
    remedy: expect.stringContaining('every user may pass through'),
  })
})
