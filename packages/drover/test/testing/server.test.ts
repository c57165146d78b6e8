import { spawnSync } from 'node:child_process'
import { testDatabase, testServer } from 'drover/testing'
import { expect, inject, onTestFinished, test } from 'vitest'

const variable = 'DROVER_TEST_DATABASE_URL'

/** Sets the variable for a test, or takes it away. */
function setVariable(value: string | undefined): void {
  const before = process.env[variable]
  onTestFinished(() => {
    if (before === undefined) delete process.env[variable]
    else process.env[variable] = before
  })
  if (value === undefined) delete process.env[variable]
  else process.env[variable] = value
}

test('a server for a whole test run is named to the processes that follow, and ends', async () => {
  setVariable(undefined)
  const server = await testServer()
  const seen = spawnSync(process.execPath, ['-p', `process.env.${variable}`], { encoding: 'utf8' }).stdout.trim()
  expect(seen).toBe(server.url)
  const database = await testDatabase()
  expect(new URL(database.url).port).toBe(new URL(server.url).port)
  await database.drop()
  await server.stop()
  expect(process.env[variable]).toBeUndefined()
  await expect(testDatabase({ url: server.url, setup: ['select 1'] })).rejects.toThrow()
})

test('a server that is named already is used and left as it is', async () => {
  setVariable(inject('serverUrl'))
  const server = await testServer()
  expect(server.url).toBe(inject('serverUrl'))
  await server[Symbol.asyncDispose]()
  expect(process.env[variable]).toBe(inject('serverUrl'))
  await (await testDatabase()).drop()
})
