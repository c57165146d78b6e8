import { beforeAll, describe, expect, test } from 'vitest'
import { verify } from '../../src/verify/verify.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { complaintsOf, createLoadedDatabase, oddTable, withDatabase } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

async function verifyAfter(fault: string) {
  const database = await createDatabase(loaded.name)
  if (fault !== '') await database.query(fault)
  return { database, verification: await withDatabase(database.url, (db) => verify(db, '1', { recheckAfterMs: 0 })) }
}

const stateOf = async (database: TestDatabase) => (await database.query('select state from drover.run'))[0]!.state

const odd = `new."${oddTable.replaceAll('"', '""')}"`

describe('a run that nothing happened to', () => {
  test('passes every check, and says what was not checked', async () => {
    const { database, verification } = await verifyAfter('')
    expect(complaintsOf(verification)).toEqual([])
    expect(verification.verdict).toBe('pass')
    expect(new Set(verification.findings.map(({ check }) => check))).toEqual(
      new Set([
        'frozen source',
        'conservation',
        'source rows',
        'dispositions',
        'crosswalk keys',
        'target keys',
        'quarantine',
        'merges',
        'targets exist',
        'target rows',
        'columns',
        'references',
        'check constraints',
        'uniqueness',
        'indexes',
        'fingerprint',
        'row comparison',
        'business rules',
        'parity',
        'access',
        'probes',
      ]),
    )
    expect(verification.notChecked.filter((sentence) => sentence.includes('mapping'))).toEqual([
      'Existing rows that 1 source row of mapping clinics matched: what they hold was not compared.',
      'Columns that mapping doctors does not fill were not compared: sex.',
      'Columns that mapping odd does not fill were not compared: o|wner.',
    ])
    expect(verification.notChecked).toHaveLength(7)
    expect(await stateOf(database)).toBe('verified')
  })

  // The sample holds every disposition, else the checks of the others would pass by having nothing to look at.
  test('has rows of every disposition', async () => {
    const { verification } = await verifyAfter('')
    const accounts = verification.findings.filter(({ check }) => check === 'dispositions').map(({ actual }) => actual)
    for (const disposition of ['loaded', 'merged', 'matched', 'quarantined', 'excluded']) {
      expect(accounts.join()).toMatch(new RegExp(`${disposition} [1-9]`))
    }
  })

  // I5
  test('is not changed by being verified, but for findings, state and events', async () => {
    const schemas = ['old', 'new', 'drover']
    const before = await digest(loaded, schemas)
    await loaded.disconnect()
    const { database } = await verifyAfter('')
    const after = await digest(database, schemas)
    const changed = Object.keys(after).filter((table) => after[table] !== before[table])
    expect(changed.sort()).toEqual([
      'drover.event',
      'drover.finding',
      'drover.fingerprint',
      'drover.run',
      'drover.verification',
      'drover.verification_part',
    ])
  })
})

describe('what is no fault is not called one', () => {
  test.each([
    [
      'a mapping that was prepared after another had loaded rows into the same target',
      `update drover.step set target_rows_after = 16 where mapping = 'doctors';
      update drover.step set target_rows_before = 16 where mapping = 'patients'`,
    ],
    ['an index more than there was', 'create index on new.people (sex)'],
    ['a column more than there was', 'alter table new.people add column note text'],
  ])('%s', async (_, change) => {
    const { verification } = await verifyAfter(change)
    expect(complaintsOf(verification)).toEqual([])
  })
})

const without = (constraint: string, table: string) => `alter table ${table} drop constraint ${constraint};`

// A column is all that a fault needs: the rest of the row is made up.
const faults: readonly (readonly [what: string, sql: string, complaints: readonly string[]])[] = [
  [
    'a target row is deleted',
    `delete from new.people where name = 'Patient 7'`,
    ['fail targets exist: patients', 'fail target rows: –'],
  ],
  [
    'a target row that others share is deleted',
    `${without('people_clinic_id_fkey', 'new.people')}
    delete from new.clinics where name = 'North';
    alter table new.people add constraint people_clinic_id_fkey foreign key (clinic_id) references new.clinics not valid`,
    ['fail targets exist: clinics', 'fail target rows: clinics', 'fail references: –'],
  ],
  [
    'a matched target row is deleted',
    `${without('people_clinic_id_fkey', 'new.people')}
    update new.people set clinic_id = null;
    delete from new.clinics where name = 'Central';
    alter table new.people add constraint people_clinic_id_fkey foreign key (clinic_id) references new.clinics`,
    ['fail targets exist: clinics', 'fail target rows: clinics'],
  ],
  [
    'a target row with a hostile name is deleted',
    `delete from ${odd} where part = 4`,
    ['fail targets exist: odd', 'fail target rows: odd'],
  ],
  [
    'one column of a composite target key is changed',
    `update ${odd} set part = 99 where part = 4`,
    ['fail targets exist: odd', 'fail target rows: odd'],
  ],
  [
    'a foreign target row is inserted',
    `insert into new.clinics values ('00000000-0000-4000-8000-000000000009', 'Foreign')`,
    ['fail target rows: clinics'],
  ],
  [
    'a crosswalk row is deleted',
    `delete from drover.crosswalk_doctors where source_key = 'd1'`,
    ['fail dispositions: doctors'],
  ],
  [
    'a crosswalk row of a quarantined key is deleted',
    `delete from drover.crosswalk_doctors where source_key = 'd5'`,
    ['fail dispositions: doctors', 'fail quarantine: doctors'],
  ],
  [
    'a crosswalk row is repeated',
    `alter table drover.crosswalk_doctors drop constraint crosswalk_doctors_pkey;
    update drover.crosswalk_doctors set source_key = 'd1' where source_key = 'd2'`,
    ['fail crosswalk keys: doctors'],
  ],
  [
    'a disposition is changed',
    `update drover.crosswalk_patients set disposition = 'excluded' where source_key = 'p7'`,
    ['fail dispositions: patients', 'fail target keys: patients'],
  ],
  [
    'a disposition is changed to one that does not exist',
    `update drover.crosswalk_patients set disposition = 'forgotten', id = null where source_key = 'p7'`,
    ['fail dispositions: patients'],
  ],
  [
    'a crosswalk row appears, with a disposition that does not exist',
    `insert into drover.crosswalk_doctors (source_key, disposition) values ('d99', 'forgotten')`,
    ['fail dispositions: doctors'],
  ],
  [
    'two dispositions are exchanged',
    `update drover.crosswalk_clinics set disposition = case disposition when 'merged' then 'loaded' else 'merged' end
    where source_key in ('c1', 'c2')`,
    ['fail merges: clinics'],
  ],
  [
    'a target key is lost from the crosswalk',
    `update drover.crosswalk_patients set id = null where source_key = 'p7'`,
    ['fail target keys: patients'],
  ],
  [
    'half of a composite target key is lost from the crosswalk',
    `update drover.crosswalk_odd set part = null where source_key = 'a|b'`,
    ['fail target keys: odd'],
  ],
  [
    'a quarantine row vanishes',
    `delete from drover.quarantine where mapping = 'doctors' and source_key = 'd5'`,
    ['fail quarantine: doctors'],
  ],
  [
    'a quarantine row belongs to another key',
    `update drover.quarantine set source_key = 'd1' where mapping = 'doctors' and source_key = 'd5'`,
    ['fail quarantine: doctors'],
  ],
  ['a merge row vanishes', `delete from drover.merge`, ['fail merges: clinics']],
  [
    'one merge row stands for another',
    `update drover.merge set source_key = 'c2' where source_key = 'c5'`,
    ['fail merges: clinics', 'fail merges: clinics'],
  ],
  ['a merge row is repeated', `insert into drover.merge select * from drover.merge`, ['fail merges: clinics']],
  [
    'the counts of a chunk are changed',
    `update drover.chunk set read = read - 1, loaded = loaded - 1 where mapping = 'doctors'`,
    ['fail conservation: doctors', 'fail dispositions: doctors', 'fail target rows: –'],
  ],
  [
    'the dispositions of a chunk do not add up to the rows it read',
    `alter table drover.chunk drop constraint chunk_conservation;
    update drover.chunk set read = read + 1 where mapping = 'odd';
    update drover.step set source_rows = source_rows + 1 where mapping = 'odd'`,
    ['fail conservation: odd', 'fail source rows: odd'],
  ],
  [
    'a target had lost rows by the end of the run',
    `update drover.step set target_rows_after = target_rows_after - 1 where mapping = 'clinics'`,
    ['fail target rows: clinics'],
  ],
  [
    'a merged row names another survivor',
    `update drover.merge set survivor_key = 'c3' where source_key = 'c2'`,
    ['fail merges: clinics'],
  ],
  [
    'a merged row leads to another row than its survivor',
    `update drover.crosswalk_clinics set id = '00000000-0000-4000-8000-000000000002' where disposition = 'merged' and source_key = 'c5'`,
    ['fail merges: clinics'],
  ],
  [
    'a source row is added',
    `insert into old.patients values ('p999', null, 'New', 'f')`,
    ['fail source rows: patients'],
  ],
  ['a source row is deleted', `delete from old.doctors where id = 'd5'`, ['fail source rows: doctors']],
  ['a source table is dropped', 'drop table old.odd', ['warn source rows: odd']],
  [
    'a crosswalk is dropped',
    'drop table drover.crosswalk_odd',
    ['dispositions', 'crosswalk keys', 'target keys', 'quarantine', 'merges', 'targets exist', 'target rows'].map(
      (check) => `fail ${check}: odd`,
    ),
  ],
  [
    'a target is dropped',
    `drop table ${odd}`,
    ['targets exist', 'target rows', 'columns', 'references', 'uniqueness', 'indexes', 'fingerprint'].map(
      (check) => `fail ${check}: odd`,
    ),
  ],
  ['a foreign key is dropped', without('people_clinic_id_fkey', 'new.people'), ['fail references: –']],
  [
    'a foreign key is dropped and broken',
    `${without('"f""k|"', odd)} update ${odd} set "o|wner" = '00000000-0000-4000-8000-000000000009' where part = 4`,
    ['fail references: odd'],
  ],
  [
    'a foreign key is broken behind its triggers',
    `set session_replication_role = replica;
    update new.people set clinic_id = '00000000-0000-4000-8000-000000000009' where name = 'Doctor 1'`,
    ['fail references: –'],
  ],
  [
    'a foreign key is no longer validated',
    `${without('people_clinic_id_fkey', 'new.people')}
    alter table new.people add constraint people_clinic_id_fkey foreign key (clinic_id) references new.clinics not valid`,
    ['fail references: –'],
  ],
  ['a check is dropped', without('people_name_check', 'new.people'), ['fail check constraints: –']],
  [
    'a check is no longer validated',
    `${without('people_name_check', 'new.people')} alter table new.people add constraint people_name_check check (name <> '') not valid`,
    ['fail check constraints: –'],
  ],
  ['an index is dropped', 'drop index new.people_name', ['fail indexes: –']],
  [
    'an index is not valid',
    `update pg_index set indisvalid = false where indexrelid = 'new.people_name'::regclass`,
    ['fail indexes: –'],
  ],
]

describe('a planted fault is found, by the check that looks for it and no other', () => {
  test.each(faults)('%s', async (_, fault, complaints) => {
    const { database, verification } = await verifyAfter(fault)
    expect(complaintsOf(verification)).toEqual(complaints)
    const fails = complaints.some((complaint) => complaint.startsWith('fail'))
    expect(verification.verdict).toBe(fails ? 'fail' : 'warn')
    expect(await stateOf(database)).toBe(fails ? 'loaded' : 'verified')
    await database.drop()
  })
})
