import assert from 'node:assert/strict'
import type { Host } from './network.ts'
import { endAll } from './program.ts'
import { backendsOf, chunksByHost, resultOf, type Stage, until } from './stage.ts'

/** All of them share the run, and the target is that of one alone. */
export async function share(stage: Stage, hosts: readonly Host[], expected: unknown): Promise<string> {
  const { database } = stage
  // Nobody gets far before all are there.
  for (const host of hosts) await stage.linger(host, 0.5)
  const programs = hosts.map((host) => stage.worker(host))
  for (const host of hosts) await isAtWork(stage, host)
  for (const host of hosts) await stage.linger(host, 0)
  await endAll(programs)
  assert.deepEqual(await resultOf(database), expected)
  const chunks = await chunksByHost(database)
  assert.deepEqual(Object.keys(chunks), hosts.map(({ name }) => name).toSorted())
  return Object.entries(chunks)
    .map(([name, count]) => `${name} ${count} chunks`)
    .join(', ')
}

/** Resolves once a worker of the host has a chunk of visits under way. */
export function isAtWork({ database }: Stage, host: Host): Promise<number> {
  return until(`${host.name} is at work`, async () =>
    (await backendsOf(database, host)).some(({ waiting }) => waiting === 'Timeout: PgSleep'),
  )
}
