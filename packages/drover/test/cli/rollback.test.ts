import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectTo } from '../support/connect.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, onServer, type TestDatabase, urlOf } from '../support/postgres.ts'
import { createLoadedDatabase } from '../verify/fixture.ts'
import { drover, expectRefusal, start } from './drover.ts'
import { callInProcess } from './in-process.ts'

let loaded: TestDatabase
let directory: string
const role = { name: `drover_back_${randomBytes(4).toString('hex')}`, password: 'right' }

beforeAll(async () => {
  loaded = await createLoadedDatabase()
  directory = await mkdtemp(join(tmpdir(), 'drover-rollback-'))
  await onServer((client) => client.query(`create role ${role.name} login password '${role.password}'`))
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await onServer((client) => client.query(`drop role ${role.name}`))
})

/** A database that a run has loaded, and what others have done to it since. */
async function database(change = ''): Promise<TestDatabase> {
  const copy = await createDatabase(loaded.name)
  if (change !== '') await copy.query(change)
  return copy
}

const call = ({ url }: { readonly url: string }, words: string) => callInProcess(words.split(' '), url)

/** What others write after the load: the first is changed, the second is gone. */
const others = `
update new.people set name = 'Somebody' where name = 'Patient 7';
delete from new.people where name = 'Patient 8';`

/** The sections of the database that a rollback sets back. */
const targets = (copy: TestDatabase) => digest(copy, ['old', 'new'])

const valueOfRows = /Somebody|Patient|Doctor|North/

describe.concurrent('a run is taken back', () => {
  it('and told so, by mapping', async () => {
    const copy = await database()
    const { exit, stdout, stderr } = await call(copy, 'rollback')
    expect(exit).toBe(0)
    expect(stdout).toBe(`mapping   removed  restored  kept  gone before  chunks
odd             8         0     0            0     1/1
patients       90         0     0            0     1/1
doctors        16         0     0            0     1/1
clinics         2         0     0            0     1/1

3 of 3 tables have the rows that they had before the run, by fingerprint.

Run 1 is taken back: rows, definitions and sequences are as they were before it.
`)
    expect(stderr).toMatch(/^Taken back: 0 of 4 chunks, 0 rows removed, 0 restored\.\n/)
    expect(await copy.query('select count(*)::integer as n from new.people')).toEqual([{ n: 0 }])
  })

  it('and told so to programs', async () => {
    const { exit, stdout, stderr } = await call(await database(), 'rollback --json --workers 1')
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      runId: '1',
      state: 'rolled_back',
      verdict: 'pass',
      alreadyBack: false,
      tallies: [{ mapping: 'odd', removed: '8', chunks: '1', chunksDone: '1' }, {}, {}, {}],
    })
  })

  it('once: a second call does nothing, and says so', async () => {
    const copy = await database()
    await call(copy, 'rollback')
    const { exit, stdout } = await call(copy, 'rollback --run 1')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^Run 1 was taken back before; nothing was done\.\n/)
    const { stdout: status } = await call(copy, 'status')
    expect(status).toMatch(/^ {2}1 {2}practice {3}rolled back /m)
    expect(status).toMatch(
      /^Run 1 is taken back: rows, definitions and sequences are as they were before it\. \(2.* UTC\)$/m,
    )
    const [status1] = JSON.parse((await call(copy, 'status --json')).stdout).runs
    expect(status1).toMatchObject({ rollback: { verdict: 'pass', finishedAt: expect.stringMatching(/Z$/) } })
  })
})

describe.concurrent('rows that others have written since', () => {
  it('are listed, and nothing is touched', async () => {
    const copy = await database(others)
    const before = await targets(copy)
    expectRefusal(await call(copy, 'rollback'), {
      exit: 1,
      code: 'rollback-conflicts',
      what: 'Others have written since the run, and it is not decided what becomes of that; nothing was touched.',
      told: [
        /- new\.people: 1 row changed since \([0-9a-f-]{36}\)$/m,
        /- new\.people: 1 row deleted since \([0-9a-f-]{36}\)$/m,
        /run 1; all of them: select \* from drover\.conflict where run_id = 1 and decision is null/,
      ],
      remedy: /--on-conflict keep .* --on-conflict discard .* --on-conflict new\.people=keep\.$/,
    })
    expect(await targets(copy)).toEqual(before)
    expect(await copy.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
    expect((await call(copy, 'status')).stdout).not.toContain('aken back')
  })

  it('are kept, and named', async () => {
    const copy = await database(others)
    const { exit, stdout } = await call(copy, 'rollback --on-conflict keep')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^patients +88 +0 +1 +1 +1\/1$/m)
    expect(stdout).toMatch(/^warn {2}fingerprint: new\.people had 0 rows .* and has 1 with /m)
    expect(stdout).toMatch(/^1 of 3 tables have the rows that they had before the run, by fingerprint\.$/m)
    expect(stdout).toMatch(
      /^Run 1 is taken back\. What is not as it was, others have changed, or a decision keeps: see above\.$/m,
    )
    expect(stdout).not.toMatch(valueOfRows)
    expect(await copy.query('select name from new.people')).toEqual([{ name: 'Somebody' }])
    const { stdout: report } = await call(copy, 'report')
    expect(report).toContain('\n- 2 rows of it stay by decision.\n')
    expect(report).not.toMatch(valueOfRows)
  })

  it('are discarded, into a file that its owner alone can read', async () => {
    const copy = await database(others)
    const file = join(directory, 'discarded.ndjson')
    const { exit, stdout, stderr } = await call(copy, `rollback --on-conflict new.people=discard --discarded ${file}`)
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^Run 1 is taken back: rows, definitions and sequences are as they were before it\.$/m)
    expect(stdout + stderr).not.toMatch(valueOfRows)
    expect(stderr).toContain(`Wrote ${file}.\n`)
    const lines = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toEqual([
      { table: 'new.people', key: lines[0].row.id, row: expect.objectContaining({ name: 'Somebody', sex: 'm' }) },
    ])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it.each(['maybe', 'public.people=maybe', 'people=keep', '=keep', 'keep=public.people', ''])(
    'cannot be decided about by %j',
    async (decision) => {
      const { exit, stderr } = await callInProcess(['rollback', '--on-conflict', decision], 'postgresql://nowhere')
      expect(exit).toBe(2)
      expect(stderr).toMatch(
        /^error: option '--on-conflict <decision>' argument '.*' is invalid\. It must be keep or discard, alone or as schema\.table=keep\./,
      )
    },
  )

  it('cannot be decided about in a table that does not exist', async () => {
    const copy = await database(others)
    const before = await targets(copy)
    expectRefusal(await call(copy, 'rollback --on-conflict new.poeple=keep --on-conflict discard'), {
      exit: 2,
      code: 'usage-invalid',
      what: 'There are no conflicts in new.poeple.',
      told: [/the tables in which something stands in the way: new\.people$/m],
      remedy: 'Name tables as schema.name',
    })
    expect(await targets(copy)).toEqual(before)
  })
})

describe.concurrent('a rollback is refused', () => {
  it('where there is no ledger, and where there is no such run', async () => {
    expectRefusal(await call(await createDatabase(), 'rollback'), {
      exit: 2,
      code: 'ledger-missing',
      what: /ledger/,
      remedy: /drover run/,
    })
    expectRefusal(await call(await database(), 'rollback --run 9'), {
      exit: 2,
      code: 'run-missing',
      what: 'The ledger holds no run 9.',
      remedy: 'drover status',
    })
  })

  it('where the run is final', async () => {
    const copy = await database(`update drover.run set state = 'finalized'`)
    expectRefusal(await call(copy, 'rollback'), {
      exit: 1,
      code: 'state-refused',
      what: 'Run 1 is finalized and cannot be taken back.',
      remedy: 'Restore a backup from before it.',
    })
  })

  it('where the role may not delete, with the grants', async ({ onTestFinished }) => {
    const copy = await database(`
      grant usage on schema old, new, drover to ${role.name};
      grant select on all tables in schema old, new to ${role.name};
      grant all on all tables in schema drover to ${role.name};
      grant all on all sequences in schema drover to ${role.name}`)
    // The role can be dropped once no database knows it.
    onTestFinished(() => copy.drop())
    expectRefusal(await call({ url: urlOf(copy.name, role) }, 'rollback'), {
      exit: 1,
      code: 'privilege-missing',
      what: `The role ${role.name} may not take the run back.`,
      told: [
        `it may not delete rows of new.clinics: grant delete on new.clinics to ${role.name}`,
        `it may not delete rows of new.people: grant delete on new.people to ${role.name}`,
      ],
      remedy: 'Have the owner run those statements, or connect as the owner. Nothing was changed.',
    })
  })

  it('where triggers would fire that the role cannot switch off, unless that is allowed', async ({
    onTestFinished,
  }) => {
    const copy = await database(`
      create table new.fired (id uuid);
      create function new.fire() returns trigger language plpgsql security definer as $$
      begin insert into new.fired values (old.id); return null; end $$;
      create trigger fire after delete on new.people for each row execute function new.fire();
      grant usage on schema old, new, drover to ${role.name};
      grant select, insert, update, delete on all tables in schema old, new to ${role.name};
      grant all on all tables in schema drover to ${role.name};
      grant all on all sequences in schema drover to ${role.name}`)
    // The role can be dropped once no database knows it.
    onTestFinished(() => copy.drop())
    const asRole = { url: urlOf(copy.name, role) }
    expectRefusal(await call(asRole, 'rollback'), {
      exit: 2,
      code: 'hazard-not-allowed',
      what: 'Triggers of the application would fire while rows are taken back.',
      told: [
        '- restore-fires-triggers: fire on new.people',
        'the role may neither act as a replica nor alter those tables',
      ],
      remedy: '--allow restore-fires-triggers.',
    })
    expect(await copy.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
    const misspelt = await call(asRole, 'rollback --allow restore-fire-triggers')
    expect(misspelt).toMatchObject({ exit: 2, stderr: expect.stringContaining('is not one of restore-fires-triggers') })
    const { exit, stdout, stderr } = await call(asRole, 'rollback --allow restore-fires-triggers')
    expect({ exit, stderr }).toMatchObject({ exit: 0 })
    expect(stdout).toMatch(/^Run 1 is taken back\./m)
    expect(await copy.query('select count(*)::integer as n from new.fired')).toEqual([{ n: 106 }])
  })
})

describe.concurrent('what else can be asked of a run', () => {
  const refusals = [
    ['resume', ' and cannot be resumed'],
    ['worker', ' and cannot be worked on'],
    ['pause', ' and cannot be paused'],
    ['cancel', ' and cannot be cancelled'],
    ['verify', ': only a run that is loaded can be verified'],
    ['quarantine retry --mapping doctors', ': its rows cannot be mended now'],
    ['quarantine fix d5 --mapping doctors clinic_id=c1', ': its rows cannot be fixed now'],
    ['quarantine accept d5 --mapping doctors --why none', ': its rows cannot be decided about now'],
    ['finalize', ' and cannot be finalized'],
  ] as const
  it.each([
    ['rolling_back', 'rolling back', 'It is being taken back; go on with drover rollback --run 1.'],
    ['rolled_back', 'rolled back', /^ {2}remedy: It is over; drover report --run 1 .* Begin anew with drover run\.$/],
    ['finalized', 'finalized', /^ {2}remedy: It is over for good; drover report --run 1 /],
  ] as const)('is refused while it is %s, and the remedy names what leads on', async (state, words, remedy) => {
    const copy = await database(`update drover.run set state = '${state}'`)
    const before = await digest(copy, ['old', 'new', 'drover'])
    for (const [command, what] of refusals) {
      // A run that is final can be verified.
      if (state === 'finalized' && command === 'verify') continue
      expectRefusal(await call(copy, command), {
        exit: 1,
        code: 'state-refused',
        what: `Run 1 is ${words}${what}.`,
        remedy,
      })
    }
    expect(await digest(copy, ['old', 'new', 'drover'])).toEqual(before)
  })
})

describe('Ctrl-C', () => {
  it('stops after the chunks under way, status tells how far it is, and the same command goes on', async () => {
    const copy = await database()
    const holder = connectTo(copy.url)
    await holder.query('begin; lock table new.people in share mode')
    const calling = start(['rollback'], { database: copy.url })
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%rollback%'`
    while ((await copy.query(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    const { stdout: now } = await call(copy, 'status')
    expect(now).toMatch(/^ {2}1 {2}practice {3}rolling back /m)
    expect(now).toMatch(
      /^Taken back so far, since .* UTC:\nmapping .*\nodd +8 +0 +0 +0 +1\/1\npatients +0 +0 +0 +0 +0\/1$/m,
    )
    expect(now).toMatch(/\.\d+\.\d {2}127\.0\.0\.1 +\d+ {2}takes rows back +\S+ m?s {2}Lock: relation$/m)
    expect(now).toMatch(/^It is being taken back\. To help, or to go on should that stop: drover rollback --run 1\.$/m)
    calling.process.kill('SIGINT')
    await calling.stderrHolds(
      'Stopping after the chunks under way. Ctrl-C again stops at once; the same command goes on.',
    )
    await holder.disconnect()
    const stopped = await calling.ended
    expect(stopped).toMatchObject({
      exit: 130,
      stdout: 'The rollback of run 1 is not finished. Go on with: drover rollback --run 1\n',
    })
    const { stdout: then } = await call(copy, 'status')
    expect(then).toMatch(/^It is half taken back, and nobody is at it\. Go on with: drover rollback --run 1\.$/m)

    const { exit, stdout } = await drover(['rollback', '--run', '1'], { database: copy.url })
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^Run 1 is taken back: rows, definitions and sequences are as they were before it\.$/m)
  })
})
