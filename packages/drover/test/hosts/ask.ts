import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Host } from './network.ts'
import { seconds, startProgram } from './program.ts'
import { until } from './stage.ts'

const file = fileURLToPath(new URL('./ask-in-child.ts', import.meta.url))

/**
 * A program on a host asks something of the server while it is cut off, or before: it is told that the connection is lost,
 * and does not wait for the quarter of an hour that the system would try.
 */
export async function hearNothing(
  host: Host,
  url: string,
  { when, silenceMs }: { readonly when: 'before' | 'while'; readonly silenceMs: number },
): Promise<string> {
  const program = startProgram(host, [String(silenceMs), '600'], { DATABASE_URL: url }, file)
  try {
    await until('it is ready', async () => program.stdout().includes('ready'))
    if (when === 'before') {
      program.send('ask')
      await until('it has asked', async () => program.stdout().includes('asked'))
      await sleep(500)
    }
    host.cutOff()
    const cutAtMs = performance.now()
    if (when === 'while') program.send('ask')
    const { stdout, stderr } = await program.ended
    const ms = performance.now() - cutAtMs
    const { code, why } = JSON.parse(stdout.trimEnd().split('\n').at(-1) || '{}')
    assert.equal(code, 'connection-lost', stderr)
    assert.equal(why, 'the server does not answer any more')
    assert.ok(ms < 1.6 * silenceMs, `it took ${seconds(ms)}`)
    return `told after ${seconds(ms)}`
  } finally {
    program.kill()
    host.mend()
  }
}

/**
 * A server that takes longer to answer than the network may be silent is not taken for one that has vanished, on either
 * side.
 */
export async function takeLong(host: Host, url: string, silenceMs: number): Promise<string> {
  const program = startProgram(
    host,
    [String(silenceMs), String((2.5 * silenceMs) / 1_000)],
    { DATABASE_URL: url },
    file,
  )
  program.send('ask')
  const { stdout, stderr } = await program.ended
  assert.match(stdout, /answered/, stderr)
  return `answered after ${seconds(2.5 * silenceMs)}`
}
