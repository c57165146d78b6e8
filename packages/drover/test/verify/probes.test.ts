import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProbeAnswer, ProbeFunction } from '../../src/define/probe.ts'
import { readOnlyUrl } from '../../src/verify/probe-url.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { askClub, askDeclared, createClub, m } from './club.ts'
import { withDatabase } from './fixture.ts'

const right: ProbeAnswer = { asked: 1, wrong: [] }

let club: TestDatabase

beforeAll(async () => {
  club = await createClub([m.probe('the app', async () => right)])
})

async function ask(probe: ProbeFunction, signal?: AbortSignal) {
  const database = await createDatabase(club.name)
  return withDatabase(database.url, (db) =>
    askDeclared(db, { probes: new Map([['the app', probe]]), url: database.url, ...(signal && { signal }) }),
  )
}

describe('without what it takes, a probe is not run', () => {
  test('its function', async () => {
    const { database, findings } = await askClub(club, '')
    expect(findings).toEqual([
      {
        check: 'probes',
        mapping: null,
        rule: 'the app',
        verdict: 'not run',
        expected: null,
        actual: null,
        detail: 'the app was not asked: give the migration file, drover verify <file>.',
      },
    ])
    expect(database).toBeDefined()
  })

  test('a connection string', async () => {
    const { findings } = await askClub(club, '', { probes: new Map([['the app', async () => right]]) })
    expect(findings[0]).toMatchObject({
      verdict: 'not run',
      detail: 'the app was not asked: there is no connection string to give it.',
    })
  })
})

describe('what a probe is given', () => {
  test('the run, a question in a read-only transaction, and a way to the same database', async () => {
    const [finding] = await ask(async ({ url, runId, query }) => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      const { rows: mine } = await client.query('select current_database() as name')
      await client.end()
      const [theirs] = await query(
        `select current_database() as name, current_setting('transaction_read_only') as read_only, count(*) as n
        from new.notes where id <> $1`,
        ['n001'],
      )
      const wrong = [
        ...(runId === '1' ? [] : ['run']),
        ...(theirs!.name === mine[0].name ? [] : ['database']),
        ...(theirs!.read_only === 'on' && theirs!.n === '79' ? [] : ['query']),
      ]
      return { asked: 3, wrong }
    })
    expect(finding).toMatchObject({
      verdict: 'pass',
      expected: '3 questions answered as before',
      actual: '3 questions answered as before',
    })
  })

  test('sessions that write nothing', async () => {
    const [finding] = await ask(async ({ url }) => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      try {
        await client.query('delete from new.notes')
        return right
      } finally {
        await client.end()
      }
    })
    expect(finding).toMatchObject({
      verdict: 'fail',
      detail: 'the app could not be asked: it threw error, SQLSTATE 25006, the transaction is read-only.',
    })
  })

  test.each([
    [
      'postgresql://u:p%40w@h:5432/db',
      'postgresql://u:p%40w@h:5432/db?options=-c%20default_transaction_read_only%3Don',
    ],
    [
      'postgresql://h/db?application_name=a+b&options=-c%20work_mem%3D8MB&sslmode=require',
      'postgresql://h/db?application_name=a+b&sslmode=require&options=-c%20work_mem%3D8MB%20-c%20default_transaction_read_only%3Don',
    ],
  ])('the options of %s are kept', (url, expected) => {
    expect(readOnlyUrl(url)).toBe(expected)
  })

  test('options that were given before take effect, and none that would allow writes', async () => {
    const url = `${club.url}?options=${encodeURIComponent('-c work_mem=9MB -c default_transaction_read_only=off')}`
    const client = new pg.Client({ connectionString: readOnlyUrl(url) })
    await client.connect()
    const { rows } = await client.query(
      `select current_setting('work_mem') as memory, current_setting('default_transaction_read_only') as read_only`,
    )
    await client.end()
    expect(rows).toEqual([{ memory: '9MB', read_only: 'on' }])
  })
})

describe('what a probe answers', () => {
  test('wrong sentences are listed, five of them, and counted', async () => {
    const wrong = Array.from({ length: 7 }, (_, i) => `Clinic c${i + 1} has another total.`)
    const [finding, ...others] = await ask(async () => ({ asked: 9, wrong }))
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      verdict: 'fail',
      expected: '9 questions answered as before',
      actual: '7 answers are wrong',
      detail: `${[1, 2, 3, 4, 5].map((i) => `Clinic c${i} has another total`).join(' · ')} · and 2 more.`,
    })
  })

  test('what could not be asked is not run, beside what was', async () => {
    const findings = await ask(async () => ({ asked: 1, wrong: [], notAsked: ['Sign-in was not asked: no mail.'] }))
    expect(findings.map(({ verdict, detail }) => [verdict, detail])).toEqual([
      ['pass', "Asked with the application's own client, every question has the answer that it had."],
      ['not run', 'Sign-in was not asked: no mail.'],
    ])
  })

  test('no question is no pass', async () => {
    expect(await ask(async () => ({ asked: 0, wrong: [] }))).toMatchObject([
      { verdict: 'not run', detail: 'the app asked nothing.' },
    ])
    expect(await ask(async () => ({ asked: 0, wrong: [], notAsked: ['No client.'] }))).toMatchObject([
      { verdict: 'not run', detail: 'No client.' },
    ])
  })

  test.each([[undefined], [{ asked: 1 }], [{ asked: -1, wrong: [] }], [{ asked: 1, wrong: [3] }]])(
    '%j is no answer',
    async (answer) => {
      expect(await ask(async () => answer as never)).toMatchObject([{ verdict: 'fail', expected: null }])
    },
  )
})

describe('a probe that throws', () => {
  test('fails, and its message is not told', async () => {
    const thrown = Object.assign(new TypeError('Ann Example, born 1970'), { code: undefined })
    const [finding] = await ask(() => {
      throw thrown
    })
    expect(finding!.detail).toBe('the app could not be asked: it threw TypeError.')
  })

  test('the SQLSTATE is found in what caused it', async () => {
    const cause = Object.assign(new Error('secret'), { code: '42501' })
    const [finding] = await ask(async () => {
      throw new Error('secret', { cause })
    })
    expect(finding!.detail).toBe('the app could not be asked: it threw Error, SQLSTATE 42501, insufficient privilege.')
  })

  test('a question that the server refuses ends the probe alone', async () => {
    const [finding] = await ask(async ({ query }) => {
      await query('select 1 / 0')
      return right
    })
    expect(finding!.detail).toBe('the app could not be asked: it threw error, SQLSTATE 22012, division by zero.')
  })

  test('and one that it swallows spoils nothing', async () => {
    const [finding] = await ask(async ({ query }) => {
      await query('select 1 / 0').catch(() => {})
      return right
    })
    expect(finding!.verdict).toBe('pass')
  })
})

describe('the end', () => {
  test('a probe that never ends does not keep an interrupted verification', async () => {
    const interrupt = new AbortController()
    let told = false
    const asked = ask(({ signal }) => {
      signal.addEventListener('abort', () => {
        told = true
      })
      setTimeout(() => interrupt.abort(), 50)
      return new Promise(() => {})
    }, interrupt.signal)
    await expect(asked).rejects.toMatchObject({ code: 'interrupted' })
    expect(told).toBe(true)
  })

  test('questions that are still under way are answered in the same transaction', async () => {
    let questions: ReturnType<Parameters<ProbeFunction>[0]['query']>[] = []
    await ask(async ({ query }) => {
      const question = `select current_setting('transaction_read_only') as read_only from pg_sleep(0.01)`
      questions = Array.from({ length: 12 }, () => query(question))
      return right
    })
    for (const rows of await Promise.all(questions)) expect(rows).toEqual([{ read_only: 'on' }])
  })

  test('questions after it are refused', async () => {
    let late: (() => Promise<unknown>) | undefined
    await ask(async ({ query }) => {
      late = () => query('select 1')
      return right
    })
    await expect(late!()).rejects.toThrow('The probe has ended')
  })
})
