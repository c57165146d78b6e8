import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { droverVersion } from '../../src/plan/version.ts'
import { createDatabase } from '../support/postgres.ts'
import { drover, expectRefusal } from './drover.ts'

const versionOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version

describe.concurrent('drover --version', () => {
  it('tells what a bug report needs, and connects to nothing', async () => {
    const { exit, stdout, stderr } = await drover(['--version'], { database: 'postgresql://nobody@127.0.0.1:1/none' })
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^drover +${droverVersion}$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^node +${process.versions.node} `, 'm'))
    expect(stdout).toContain(process.arch)
    for (const name of ['pg', 'pg-copy-streams', 'kysely', 'jiti']) {
      expect(stdout).toMatch(new RegExp(`^${name} +${versionOf(name)}$`, 'm'))
    }
    expect(stdout).toMatch(/^embedded +(PostgreSQL \d+|not installed)/m)
    expect(stdout).not.toContain('server')
  })

  it('has a short form that is the number alone', async () => {
    expect(await drover(['-V'])).toEqual({ exit: 0, stdout: `${droverVersion}\n`, stderr: '' })
  })

  it('tells of the server too, where it is asked for', async () => {
    const database = await createDatabase()
    const byFlag = await drover(['--version', '--database-url', database.url, '--json'])
    const told = JSON.parse(byFlag.stdout)
    expect(told).toMatchObject({
      drover: droverVersion,
      server: expect.stringMatching(/^PostgreSQL \d+/),
      database: expect.stringMatching(/^UTF8, /),
      extensions: expect.stringMatching(/plpgsql \d/),
      ledger: 'none',
    })
    await database.query('create schema drover')
    await database.query('create table drover.ledger_version (version integer)')
    await database.query('insert into drover.ledger_version values (3)')
    const byEnvironment = await drover(['version', '--server'], { database: database.url })
    expect(byEnvironment.stdout).toMatch(/^ledger +3 \(this drover knows up to \d+\)$/m)
    expectRefusal(await drover(['version', '--server']), {
      exit: 2,
      code: 'usage-invalid',
      what: 'No database is named.',
      remedy: '--database-url',
    })
  })
})
