import { describe, expect } from 'vitest'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { drover, expectRefusal, type Result } from './drover.ts'
import { it } from './source-database.ts'

/** Rehearses in an empty database of its own. */
async function rehearse(database: TestDatabase, file: string, ...words: readonly string[]): Promise<Result> {
  const scratch = await createDatabase()
  return drover(['rehearse', file, '--scratch-database-url', scratch.url, ...words], { database: database.url })
}

const stageNames = ['schema', 'sample', 'check', 'run', 'verification', 'rollback', 'comparison', 'run again']

/** `✓ run`, by stage, as stdout has them. */
const stagesOf = (stdout: string) =>
  [...stdout.matchAll(/^([✓✗–]) ([a-z ]+?) {2,}/gm)].map(([, mark, name]) => `${mark} ${name}`)

const values = /\$1,234|N\/A|weird|inactive/

describe.concurrent('a migration is rehearsed', () => {
  it('with its way back, and then runs without a hazard', async ({ database }) => {
    const before = await digest(database, ['legacy', 'public'])
    const { exit, stdout, stderr } = await rehearse(database, 'migration.ts')
    expect({ exit, stderr }).toMatchObject({ exit: 0 })
    expect(stagesOf(stdout)).toEqual(stageNames.map((name) => `✓ ${name}`))
    expect(stagesOf(stderr)).toEqual(stagesOf(stdout))
    expect(stdout).toMatch(/^✓ run +[\d.]+ m?s {2}1004 rows read, 753 loaded, 250 quarantined$/m)
    expect(stdout).toMatch(/^The rehearsal had all rows\.$/m)
    expect(stdout).toMatch(/^The rehearsal of plan [0-9a-f]{12} has passed, its way back included\.$/m)
    expect(stdout + stderr).not.toMatch(values)
    // I5
    expect(await digest(database, ['legacy', 'public'])).toEqual(before)
    expect(await database.query('select migration, verdict from drover.rehearsal')).toEqual([
      { migration: 'smoke', verdict: 'pass' },
    ])
    expect(await database.query('select from drover.run')).toEqual([])
    const words = ['run', 'migration.ts', '--allow', 'merges-rows,drops-indexes']
    expect(await drover(words, { database: database.url })).toMatchObject({ exit: 3 })
    const { stdout: report } = await drover(['report'], { database: database.url })
    expect(report).toMatch(/^## Rehearsal\n\n\*\*pass\*\*, on .* UTC by `\w+`\.$/m)
    expect(report).not.toContain('`unrehearsed`')
  })

  it('and told so to programs, with the forecast', async ({ database }) => {
    const { exit, stdout } = await rehearse(database, 'migration.ts', '--json', '--all')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      verdict: 'pass',
      stages: stageNames.map((name) => ({ name, verdict: 'pass' })),
      forecast: { mappings: [{ mapping: 'clinics' }, { mapping: 'vals' }] },
    })
  })

  it('and what its triggers leave elsewhere is told', async ({ database }) => {
    await database.query(`
      create table public.audit (id uuid, what text);
      create function public.audit() returns trigger language plpgsql as $$
      begin insert into public.audit values (new.id, 'inserted'); return null; end $$;
      create trigger audit after insert on public.vals for each row execute function public.audit()`)
    const { exit, stdout } = await rehearse(database, 'migration.ts')
    expect(stdout).toMatch(
      /^ {2}- rollback, triggered rows: 751 rows of public\.audit were written by triggers in transactions of the run, and stay\./m,
    )
    expect(stdout).toMatch(/^✓ comparison .* but for what triggers wrote$/m)
    expect(exit).toBe(0)
  })

  it('and what fails, fails its stage: exit code 4, and a run is no less a hazard', async ({ database }) => {
    await database.query('create table public.words (id uuid primary key, value text not null)')
    const { exit, stdout } = await rehearse(database, 'failing.ts')
    expect(exit).toBe(4)
    expect(stagesOf(stdout)).toEqual([
      ...['schema', 'sample', 'check', 'run'].map((name) => `✓ ${name}`),
      '✗ verification',
      ...['rollback', 'comparison', 'run again'].map((name) => `– ${name}`),
    ])
    expect(stdout).toMatch(/^✗ verification .* failed: every amount is known$/m)
    expect(stdout).toMatch(/^– rollback +– {2}not reached$/m)
    expect(stdout).toMatch(/^The rehearsal of plan [0-9a-f]{12} has failed: see above\.$/m)
    expectRefusal(await drover(['run', 'failing.ts'], { database: database.url }), {
      exit: 2,
      code: 'hazard-not-allowed',
      what: 'The plan holds hazards that were not allowed.',
      told: ['unrehearsed: The last rehearsal of this plan has failed.'],
      remedy: 'Rehearse the plan with drover rehearse.',
    })
  })
})

describe.concurrent('a rehearsal is refused', () => {
  it('where the scratch database is not empty, and nothing is written', async ({ database }) => {
    const scratch = await createDatabase()
    await scratch.query('create table public.precious (id int)')
    const words = ['rehearse', 'migration.ts', '--scratch-database-url', scratch.url]
    expectRefusal(await drover(words, { database: database.url }), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The scratch database is not empty.',
      told: [scratch.name],
      remedy: 'Give an empty one, made for this',
    })
    // Named by the environment it is the same one.
    const env = { DROVER_SCRATCH_DATABASE_URL: scratch.url }
    expectRefusal(await drover(['rehearse', 'migration.ts'], { database: database.url, env }), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The scratch database is not empty.',
      told: [scratch.name],
      remedy: 'Give an empty one, made for this',
    })
    // The real one is not empty either.
    const real = ['rehearse', 'migration.ts', '--scratch-database-url', database.url]
    expect(await drover(real, { database: database.url })).toMatchObject({ exit: 2 })
    expect(await database.query(`select to_regnamespace('drover') as ledger`)).toEqual([{ ledger: null }])
  })

  it.for(['0%', '101%', '1', '0.01', '-1%', 'all', ''])('where the sample is %j', async (sample) => {
    const { exit, stdout, stderr } = await drover(['rehearse', 'migration.ts', `--sample=${sample}`])
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toContain('It must be a percentage above 0 and up to 100%, such as 1%.')
  })
})
