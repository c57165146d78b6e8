import { eventStatement, stateStatement, statesAtWork } from '../../ledger/run.ts'
import { endStates, statesBefore } from '../../ledger/state.ts'
import { block, execute, literal, note, raise, valueRows } from './plpgsql.ts'
import { referringQuery } from './referring.ts'
import { pinning } from './settings.ts'
import type { ScriptWay } from './way.ts'

/** Makes sure that this is the database, and its ledger the one, for which the script was made. */
export function identityBlock({ runId, plan, ledgerVersion }: ScriptWay): string {
  return block(
    runId,
    [],
    [
      `  if to_regclass('drover.ledger_version') is null then`,
      raise({
        errcode: 'DV001',
        message: literal('This database has no ledger of drover.'),
        hint: literal('Connect to the target database of the run.'),
      }),
      '  end if;',
      `  if (select max(version) from drover.ledger_version) <> ${ledgerVersion} then`,
      raise({
        errcode: 'DV001',
        message: literal(`The ledger is no longer of version ${ledgerVersion}, for which this script was made.`),
        hint: literal('Make the script anew, or use drover rollback.'),
      }),
      '  end if;',
      `  if not exists (select from drover.run where run.id = this_run and run.plan_hash = ${literal(plan.hash)}) then`,
      raise({
        errcode: 'DV001',
        message: literal(
          `The ledger of this database holds no run ${runId} of the plan for which this script was made.`,
        ),
        hint: literal('Connect to the target database of the run.'),
      }),
      '  end if;',
    ],
  )
}

/** Brings a run that is under way to rest, as a cancel does: its workers stop after the chunks that they are at. */
export function restBlock({ runId }: ScriptWay): string {
  return block(
    runId,
    ['held text'],
    [
      pinning(runId, '  '),
      '  select run.state into held from drover.run where run.id = this_run for no key update;',
      `  if held in ('running', 'pausing') then`,
      changeState('cancelling', 'a rollback is asked for'),
      '  end if;',
      `  if held not in ('running', 'pausing', 'cancelling') then`,
      '    return;',
      '  end if;',
      '  commit;',
      '  loop',
      note('Whoever works on the run holds its row; a worker that died holds nothing.'),
      '    perform from drover.run where run.id = this_run for update skip locked;',
      '    exit when found;',
      '    commit;',
      '    perform pg_sleep(0.1);',
      '  end loop;',
    ],
  )
}

/** Holds the run until the transaction ends, and makes sure that the script knows all that it has to. */
export function holdBlock(way: ScriptWay): string {
  const { runId, plan, steps, referring } = way
  return block(
    runId,
    ['held text', 'strange text'],
    [
      note('Workers stop by what they find here when the transaction has ended.'),
      '  select run.state into held from drover.run where run.id = this_run for update;',
      `  if held = 'rolled_back' then`,
      `    raise notice ${literal(`Run ${runId} is taken back already: nothing is left to do.`)};`,
      '    return;',
      '  end if;',
      `  if held = 'finalized' then`,
      raise({
        errcode: 'DV001',
        message: literal(`Run ${runId} is finalized and cannot be taken back.`),
        hint: literal('To finalize a run gives its way back up. Restore a backup from before it.'),
      }),
      '  end if;',
      '',
      note('Of a migration one run at a time is not over.'),
      `  select run.id::text into strange`,
      '  from drover.run',
      `  where run.migration = ${literal(plan.migration)} and run.id <> this_run`,
      `    and run.state not in (${endStates.map(literal).join(', ')})`,
      '  for no key update;',
      '  if strange is not null then',
      raise({
        errcode: 'DV001',
        message: `${literal(`Run ${runId} cannot be taken back while a newer one is not over: run `)} || strange`,
        hint: literal('Take the newer one back first.'),
      }),
      '  end if;',
      '',
      note('A later run may have taken the tables over that the ledger keeps for a mapping.'),
      `  select string_agg(distinct later.mapping, ', ') into strange`,
      '  from drover.step as later',
      `  where later.run_id > this_run and later.state <> 'waiting'`,
      `    and later.mapping in (${steps.map(({ mapping }) => literal(mapping.name)).join(', ')});`,
      '  if strange is not null then',
      raise({
        errcode: 'DV001',
        message: `'A later run has begun: ' || strange`,
        hint: literal('Take that one back first, or make the script anew.'),
      }),
      '  end if;',
      '',
      note('Rows that refer to those that go are looked for by the foreign keys that there were.'),
      `  select string_agg(other.key, ', ') into strange`,
      '  from (',
      referringQuery(way),
      '  ) as other',
      ...(referring.length === 0
        ? [';']
        : [
            `  where other.key not in (\n    select known.key from (values\n      ${valueRows(referring.map((key) => [key]))}\n    ) as known (key)\n  );`,
          ]),
      '  if strange is not null then',
      raise({
        errcode: 'DV001',
        message: `'Foreign keys were made, or altered, since this script was: ' || strange`,
        hint: literal('Make the script anew, or use drover rollback. Nothing was changed.'),
      }),
      '  end if;',
    ],
  )
}

/** Changes the state as the state machine allows it, and notes that. */
export function changeState(to: 'cancelling' | 'rolling_back' | 'rolled_back', cause: string): string {
  const list = (states: readonly string[]) => `array[${states.map(literal).join(', ')}]`
  return [
    execute(stateStatement, { using: ['this_run', literal(to), list(statesBefore(to)), list(statesAtWork)] }),
    recordEvent(`run ${to}`, `json_build_object('cause', ${literal(cause)})`),
  ].join('\n')
}

/** `detail`: an SQL expression, JSON. */
export function recordEvent(what: string, detail: string): string {
  return execute(eventStatement, { using: ['this_run', literal(what), detail] })
}

/**
 * Holds the run, and ends the block unless it is being taken back: an earlier part did not come that far, or another
 * process has ended the rollback, and sequences and objects can be those of a newer run.
 */
export const unlessRollingBack = `  perform from drover.run where run.id = this_run for update;
  if (select run.state from drover.run where run.id = this_run) <> 'rolling_back' then
    return;
  end if;`

/** The same for what is done before. */
export const unlessOpen = `  if (select run.state from drover.run where run.id = this_run) = 'rolled_back' then
    return;
  end if;`
