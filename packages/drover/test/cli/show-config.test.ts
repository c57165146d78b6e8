import { describe, expect, it } from 'vitest'
import { drover, fixtures } from './drover.ts'

const secret = 'postgresql://app:hunter2@db.example:5433/app?password=hunter2'
const config = `${fixtures}settings.config.ts`

describe.concurrent('drover config', () => {
  it('shows what holds and where it stands, and no secret', async () => {
    const env = { DROVER_DATABASE_URL: secret, DROVER_WORKERS: '7', DROVER_SOURCE_URL: 'app:hunter2@nowhere' }
    const { exit, stdout, stderr } = await drover(['config', '--config', config], { env })
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: `The config file is ${config}.\n` })
    expect(stdout).toMatch(/^databaseUrl +postgresql:\/\/db\.example:5433\/app +DROVER_DATABASE_URL$/m)
    expect(stdout).toMatch(/^sourceUrl +\(no connection string\) +DROVER_SOURCE_URL$/m)
    expect(stdout).toMatch(/^workers +7 +DROVER_WORKERS$/m)
    expect(stdout).toMatch(/^limits\.lockMs +5,000 +\S*settings\.config\.ts$/m)
    expect(stdout).toMatch(/^serverLimits\.activeSessions +no limit +default$/m)
    expect(stdout).not.toContain('hunter2')
  })

  it('does so for programs', async () => {
    const { stdout, stderr } = await drover(['config', '--json'], {
      env: { DROVER_DATABASE_URL: secret, DROVER_WORKER: '7', DROVER_SERVICE_HOST: '10.0.0.1' },
    })
    const told = JSON.parse(stdout)
    expect(told).toMatchObject({ file: null, unread: ['DROVER_SERVICE_HOST', 'DROVER_WORKER'] })
    expect(told.settings).toContainEqual({
      setting: 'workers',
      value: 2,
      from: 'default',
      variable: 'DROVER_WORKERS',
    })
    expect(stdout).not.toContain('hunter2')
    expect(JSON.parse(stderr)).toEqual({
      event: 'warning',
      what: 'The variable DROVER_WORKER is not read. Did you mean DROVER_WORKERS?',
    })
  })

  it('is not there for a help, and warns of no variable that is known', async () => {
    const help = await drover(['config', '--help'], { env: { DROVER_WORKERS: 'x', DROVER_WORKER: '7' } })
    expect(help).toMatchObject({ exit: 0, stderr: '' })
    const { stderr } = await drover(['config'], { env: { DROVER_WORKERS: '3', DROVER_EXAMPLE_TOKEN_KEY: 'x' } })
    expect(stderr).not.toContain('Warning')
  })
})
