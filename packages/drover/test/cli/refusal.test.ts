import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { onServer, urlOf } from '../support/postgres.ts'
import { allowed, drover, expectRefusal, expectUntouched } from './drover.ts'
import { serverOfVersion } from './fake-server.ts'
import { it } from './source-database.ts'

const run = ['run', 'migration.ts', ...allowed]
const role = { name: `drover_reader_${randomBytes(4).toString('hex')}`, password: 'right' }
const owner = { name: `${role.name}_owner` }
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drover-refusal-'))
  await onServer((client) =>
    client.query(`create role ${role.name} login password '${role.password}'; create role ${owner.name}`),
  )
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await onServer((client) => client.query(`drop role ${role.name}; drop role ${owner.name}`))
})

describe.concurrent('a run is refused before anything is written', () => {
  it('where no server answers', async () => {
    expectRefusal(await drover(run, { database: 'postgresql://app:hunter2@127.0.0.1:1/app' }), {
      exit: 1,
      code: 'database-unreachable',
      what: 'No PostgreSQL server answers.',
      told: ['127.0.0.1:1/app', 'ECONNREFUSED'],
      remedy: 'Start the server',
    })
  })

  it('where the password is wrong', async ({ skip }) => {
    const result = await drover(run, { database: urlOf('postgres', { ...role, password: 'hunter2' }) })
    skip(result.stderr.includes('legacy'), 'this server asks for no password')
    expectRefusal(result, {
      exit: 1,
      code: 'database-refused',
      what: 'The server refused the connection.',
      told: ['SQLSTATE 28P01, wrong password'],
      remedy: 'Check user, password and database name',
    })
    expect(result.stderr).not.toContain('hunter2')
  })

  it('where the user does not exist', async () => {
    expectRefusal(await drover(run, { database: urlOf('postgres', { name: 'nobody_here', password: 'x' }) }), {
      exit: 1,
      code: 'database-refused',
      what: 'The server refused the connection.',
      told: [/SQLSTATE 28(000|P01)/],
      remedy: 'Check user, password and database name',
    })
  })

  it('where the database does not exist', async () => {
    expectRefusal(await drover(run, { database: urlOf('no_such_database') }), {
      exit: 1,
      code: 'database-refused',
      what: 'The server refused the connection.',
      told: [/why: {4}SQLSTATE 3D000, the database does not exist$/m],
      remedy: 'Check user, password and database name',
    })
  })

  it('where the server is too old', async () => {
    const server = await serverOfVersion('130014')
    expectRefusal(await drover(run, { database: server.url }), {
      exit: 1,
      code: 'server-unsupported',
      what: 'PostgreSQL 13 is older than drover supports.',
      remedy: 'version 14 or later',
    })
    server.close()
  })

  it('where a schema is missing', async ({ database }) => {
    await database.query('drop schema legacy cascade')
    expectRefusal(await drover(run, { database: database.url }), {
      exit: 2,
      code: 'object-missing',
      what: 'The schema legacy does not exist in the database.',
      told: [database.name],
      remedy: 'Check that this is the right database',
    })
    await expectUntouched(database)
  })

  it('where a table is missing', async ({ database }) => {
    await database.query('drop table public.vals, legacy.vals')
    expectRefusal(await drover(run, { database: database.url }), {
      exit: 2,
      code: 'definition-invalid',
      what: 'The migration smoke cannot be planned.',
      told: [
        /- mapping vals, from: legacy\.vals does not exist in the database/,
        /- mapping vals: target public\.vals does not exist in the database\. Create it first/,
      ],
      remedy: 'Mend these 2 places',
    })
    await expectUntouched(database)
  })

  it('where the role may not do what the plan needs', async ({ database }) => {
    await database.query(`revoke create on schema public from public; grant usage on schema legacy to ${role.name};
      grant select on legacy.clinics, public.vals to ${role.name};
      alter table legacy.clinics enable row level security`)
    expectRefusal(await drover(run, { database: urlOf(database.name, role) }), {
      exit: 1,
      code: 'privilege-missing',
      what: `The role ${role.name} may not do what the plan needs.`,
      told: [
        `it may not create schema drover: grant create on database ${database.name} to ${role.name}`,
        `it may not read legacy.vals: grant select on legacy.vals to ${role.name}`,
        `it may not insert into public.clinics: grant insert on public.clinics to ${role.name}`,
        `row-level security hides rows of legacy.clinics`,
      ],
      remedy: 'Have the owner run those statements',
    })
    await expectUntouched(database)
  })

  it('where the role may not block writes to the source', async ({ database }) => {
    await database.query(`grant usage on schema legacy to ${role.name}; grant create on database ${database.name} to ${role.name};
      grant select on all tables in schema legacy, public to ${role.name};
      grant insert on all tables in schema public to ${role.name};
      alter table legacy.vals owner to ${owner.name}`)
    expectRefusal(await drover(['run', 'blocking.ts', ...allowed], { database: urlOf(database.name, role) }), {
      exit: 1,
      code: 'privilege-missing',
      what: `The role ${role.name} may not do what the plan needs.`,
      told: [
        [
          `  - it may not block writes to legacy.clinics, which only the owner may: alter table legacy.clinics owner to ${role.name}`,
          `  - it may not block writes to legacy.vals, which only the owner may: grant ${owner.name} to ${role.name}`,
          '  where:',
        ].join('\n'),
      ],
      remedy: 'Have the owner run those statements',
    })
    await expectUntouched(database)
    await database.query(`alter table legacy.clinics owner to ${role.name}; grant ${owner.name} to ${role.name};
      grant select on legacy.vals to ${role.name}`)
    const mended = await drover(['run', 'blocking.ts', ...allowed], { database: urlOf(database.name, role) })
    expect(mended.exit).toBe(3)
  })

  it('where a hazard is not allowed', async ({ database }) => {
    expectRefusal(await drover(['run', 'migration.ts', '--allow', 'source-not-frozen'], { database: database.url }), {
      exit: 2,
      code: 'hazard-not-allowed',
      what: 'The plan holds hazards that were not allowed.',
      told: [
        /- merges-rows: Rows of legacy\.clinics with one identity/,
        /- drops-indexes: Indexes and constraints are taken off the tables that are empty/,
        /- unrehearsed: Nobody has seen this plan/,
      ],
      remedy:
        'Rehearse the plan with drover rehearse. Read them, then add --allow merges-rows --allow drops-indexes --allow unrehearsed.',
    })
    await expectUntouched(database)
  })

  it('where the plan was made for another schema', async ({ database }) => {
    const file = join(directory, 'stale.json')
    const planned = await drover(['plan', 'migration.ts', '--json', '--out', file], { database: database.url })
    expect(planned).toEqual({ exit: 0, stdout: '', stderr: `Wrote ${file}.\n` })
    await database.query('alter table public.vals alter value type numeric(30, 9), add note text')
    expectRefusal(await drover(['run', '--plan', file, ...allowed], { database: database.url }), {
      exit: 1,
      code: 'plan-stale',
      what: 'The schema is not the one that the plan was made for.',
      told: [/- public\.vals: column note is new/, /- public\.vals: column value: type is now numeric\(30,9\)/],
      remedy: 'Make the plan again with drover plan',
    })
    await expectUntouched(database)
  })

  it('where the plan file holds no plan', async ({ database }) => {
    const file = join(directory, 'broken.json')
    await writeFile(file, (await readFile(new URL('./fixtures/migration.ts', import.meta.url), 'utf8')).slice(0, 99))
    expectRefusal(await drover(['run', '--plan', file, ...allowed], { database: database.url }), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The plan file holds no plan',
      remedy: 'drover plan migration.ts --json',
    })
    expectRefusal(await drover(['run', '--plan', join(directory, 'none.json')], { database: database.url }), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The plan file could not be read.',
      remedy: 'drover plan migration.ts --json',
    })
    await expectUntouched(database)
  })

  it('where a run of another plan is live', async ({ database }) => {
    expect(await drover(run, { database: database.url })).toMatchObject({ exit: 3 })
    expectRefusal(await drover(['run', 'other-plan.ts', ...allowed], { database: database.url }), {
      exit: 1,
      code: 'plan-mismatch',
      what: 'Run 1 of smoke is loaded and follows another plan.',
      told: [/its plan is [0-9a-f]{12}, this one [0-9a-f]{12}/],
      remedy: 'Take it back before another plan runs: drover rollback --run 1.',
    })
    expect(await database.query('select count(*)::integer as runs from drover.run')).toEqual([{ runs: 1 }])
  })

  it.for(['status', 'verify', 'report'])('where %s finds no ledger', async (command, { database }) => {
    expectRefusal(await drover([command], { database: database.url }), {
      exit: 2,
      code: 'ledger-missing',
      what: 'This database has no ledger of drover.',
      remedy: 'Start a run with drover run',
    })
    await expectUntouched(database)
  })
})
