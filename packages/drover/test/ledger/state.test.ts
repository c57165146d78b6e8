import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { installLedger, ledgerVersion, readLedgerVersions, requireLedger } from '../../src/ledger/install.ts'
import { changeState } from '../../src/ledger/run.ts'
import { endStates, isAllowed, type RunState, runStates, statesBefore, transitions } from '../../src/ledger/state.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await installLedger(database, 'test')
})

async function createRun(state: RunState, migration: string = randomUUID()): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into drover.run (migration, plan_hash, plan, drover, settings, state) values ($1, '', '{}', '', '{}', $2)
    returning id::text`,
    [migration, state],
  )
  return row!.id
}

const pairs = runStates.flatMap((from) => runStates.map((to) => [from, to] as const))

describe('the state machine', () => {
  test('has the states of the ledger, no more and no less', async () => {
    const sql = await readFile(new URL('../../src/ledger/sql/0001_ledger.sql', import.meta.url), 'utf8')
    const listed = /state text not null check \(state in \(([^)]*)\)\)/.exec(sql)![1]!
    expect([...listed.matchAll(/'(\w+)'/g)].map((match) => match[1])).toEqual([...runStates])
    for (const state of runStates) await createRun(state)
    await expect(createRun('asleep' as RunState)).rejects.toMatchObject({ code: '23514' })
  })

  test('is that of the design, each change with its cause', () => {
    const told = `planned→running running→pausing pausing→running pausing→paused paused→running running→cancelling
      cancelling→cancelled running→failed failed→running running→loaded loaded→verified verified→finalized loaded→finalized loaded→repairing
      verified→repairing repairing→loaded planned→cancelled paused→cancelling pausing→cancelling pausing→loaded
      pausing→failed failed→cancelling verified→loaded rolling_back→rolled_back`.split(/\s+/)
    const reversible = runStates.filter((state) => !['finalized', 'rolling_back', 'rolled_back'].includes(state))
    const expected = [...told, ...reversible.map((state) => `${state}→rolling_back`)]
    expect(transitions.map(({ from, to }) => `${from}→${to}`).toSorted()).toEqual(expected.toSorted())
    for (const { cause } of transitions) expect(cause).toMatch(/\w+ \w+|resumed/)
  })

  test('reaches every state from planned, and leaves no end but by a rollback', () => {
    const reached = new Set<RunState>(['planned'])
    for (const state of reached) for (const { from, to } of transitions) if (from === state) reached.add(to)
    expect([...reached].toSorted()).toEqual([...runStates].toSorted())
    const exits = transitions.filter(({ from }) => endStates.includes(from))
    expect(exits.map(({ from, to }) => `${from}→${to}`)).toEqual(['cancelled→rolling_back'])
    for (const [from, to] of pairs) expect(isAllowed(from, to)).toBe(statesBefore(to).includes(from))
  })

  test('is what the server lets happen: every other change is refused and leaves no trace', async () => {
    for (const [from, to] of pairs) {
      const id = await createRun(from)
      const changed = await changeState(database, id, to, 'a test')
      const [run] = await database.query('select state from drover.run where id = $1', [id])
      const events = await database.query('select what, detail from drover.event where run_id = $1', [id])
      expect([from, to, changed, run!.state, events]).toEqual(
        isAllowed(from, to)
          ? [from, to, true, to, [{ what: `run ${to}`, detail: { cause: 'a test' } }]]
          : [from, to, false, from, []],
      )
    }
  })
})

test('a migration has one live run: another begins when it is over', async () => {
  for (const state of runStates) {
    await createRun(state, state)
    const isOver = endStates.includes(state)
    const second = createRun('planned', state)
    if (isOver) await expect(second).resolves.toMatch(/\d+/)
    else await expect(second).rejects.toMatchObject({ code: '23505', constraint: 'run_live_key' })
  }
})

// I2
describe('a chunk is done only if its rows add up', () => {
  const counts = ['read', 'loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const
  type Counts = Readonly<Record<(typeof counts)[number], number | null>>
  const right: Counts = { read: 15, loaded: 1, merged: 2, matched: 3, quarantined: 4, excluded: 5 }

  async function finish(chunk: Counts): Promise<unknown> {
    const run = await createRun('running')
    await database.query(
      `insert into drover.step (run_id, position, mapping, depends_on) values (${run}, 1, 'm', '{}');
      insert into drover.chunk (run_id, mapping, number) values (${run}, 'm', 1)`,
    )
    const set = counts.map((name) => `${name} = ${chunk[name]}`).join(', ')
    return database.query(`update drover.chunk set state = 'done', ${set} where run_id = ${run}`)
  }

  test('as they should', async () => {
    await expect(finish(right)).resolves.toEqual([])
    await expect(finish({ read: 0, loaded: 0, merged: 0, matched: 0, quarantined: 0, excluded: 0 })).resolves.toEqual(
      [],
    )
  })

  test.each(counts)('and not if %s is one too many, one too few or unknown', async (name) => {
    await expect(finish({ ...right, [name]: right[name]! + 1 })).rejects.toMatchObject({
      constraint: 'chunk_conservation',
    })
    await expect(finish({ ...right, [name]: right[name]! - 1 })).rejects.toMatchObject({
      constraint: 'chunk_conservation',
    })
    await expect(finish({ ...right, [name]: null })).rejects.toMatchObject({ constraint: 'chunk_counted' })
  })

  test('nor in a state that there is not', async () => {
    const run = await createRun('running')
    await database.query(
      `insert into drover.step (run_id, position, mapping, depends_on) values (${run}, 1, 'm', '{}')`,
    )
    const odd = database.query(
      `insert into drover.chunk (run_id, mapping, number, state) values (${run}, 'm', 1, 'half')`,
    )
    await expect(odd).rejects.toMatchObject({ code: '23514' })
  })
})

describe('the ledger', () => {
  test('is installed once, by whoever comes first', async () => {
    const fresh = await createDatabase()
    expect(await ledgerVersion(fresh)).toBe(0)
    await installLedger(fresh, 'first')
    await installLedger(fresh, 'second')
    const versions = await readLedgerVersions()
    expect(await fresh.query('select version, drover from drover.ledger_version order by 1')).toEqual(
      versions.map(({ version }) => ({ version, drover: 'first' })),
    )
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1))
  })

  test('of a newer program is refused by an older one, and stays as it is', async () => {
    const newer = await createDatabase()
    await installLedger(newer, 'today')
    await newer.query(`insert into drover.ledger_version (version, drover) values (999, 'tomorrow')`)
    await expect(installLedger(newer, 'today')).rejects.toMatchObject({
      code: 'ledger-newer',
      what: expect.stringContaining('999'),
      remedy: expect.stringContaining('later'),
    })
    expect(await ledgerVersion(newer)).toBe(999)
    await expect(requireLedger(newer)).rejects.toMatchObject({ code: 'ledger-newer' })
  })

  test('is closed to everyone but its owner', async () => {
    const [row] = await database.query(`
      select has_schema_privilege('public', 'drover', 'usage') or has_schema_privilege('public', 'drover', 'create') as open`)
    expect(row).toEqual({ open: false })
  })
})
