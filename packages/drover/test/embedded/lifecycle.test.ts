import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/embedded/index.ts'
import { queryAt } from './query.ts'
import { expectGone, tracesOf } from './traces.ts'

const small = { fsync: false, settings: { shared_buffers: '32MB' } }

let one: EmbeddedServer
let other: EmbeddedServer
beforeAll(async () => {
  ;[one, other] = await Promise.all([startEmbedded(small), startEmbedded()])
})
afterAll(() => Promise.all([one.stop(), other.stop()]))

test('two servers answer side by side', async () => {
  expect(await queryAt(one.url)).toContain(`PostgreSQL ${one.version} `)
  expect(await queryAt(other.url)).toContain('PostgreSQL 18.')
  expect(one.port).not.toBe(other.port)
})

test('sorts by code point, in UTF-8', async () => {
  const text = `select concat_ws(' ', datlocprovider, datlocale, pg_encoding_to_char(encoding))
    from pg_database where datname = current_database()`
  expect(await queryAt(one.url, text)).toBe('b C.UTF-8 UTF8')
})

test('writes to the disk unless told otherwise', async () => {
  expect(await queryAt(one.url, 'show fsync')).toBe('off')
  expect(await queryAt(other.url, 'show fsync')).toBe('on')
})

test('settings are its own unless others are given', async () => {
  expect(await queryAt(one.url, 'show shared_buffers')).toBe('32MB')
  expect(await queryAt(other.url, 'show shared_buffers')).toBe('512MB')
})

test('listens to the loopback address alone, and wants its password', async () => {
  expect(await queryAt(one.url, 'show listen_addresses')).toBe('127.0.0.1')
  expect(await queryAt(one.url, 'show unix_socket_directories')).toBe('')
  await expect(queryAt(other.url.replace(`:${other.port}/`, `:${one.port}/`))).rejects.toMatchObject({ code: '28P01' })
  const method = `select string_agg(distinct auth_method, ',') from pg_hba_file_rules`
  expect(await queryAt(one.url, method)).toBe('scram-sha-256')
})

test('names the url of another database', async () => {
  await queryAt(one.url, 'create database "a b/c&%"')
  expect(await queryAt(one.urlFor('a b/c&%'), 'select current_database()')).toBe('a b/c&%')
})

test('comes back after a crash', async () => {
  const client = queryAt(one.url, 'select pg_sleep(60)')
  client.catch(() => {})
  await one.restart('immediate')
  await expect(client).rejects.toThrow()
  expect(await queryAt(one.url)).toContain('PostgreSQL')
})

test.runIf(process.platform === 'linux')('leaves nothing behind when it is stopped', async () => {
  const traces = tracesOf(one)
  await Promise.all([one.stop(), one.stop()])
  expect(existsSync(dirname(one.dataDirectory))).toBe(false)
  await expectGone(traces)
  await expect(one.restart()).rejects.toMatchObject({ code: 'embedded-failed' })
})
