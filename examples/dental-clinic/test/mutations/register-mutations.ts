import type { Mutation } from './mutation.ts'

/** What is planted in the small register. */
export const registerMutations: readonly Mutation[] = [
  {
    fault: 'a sequence behind',
    plant: "select setval('new.wards_id_seq', 3)",
    check: 'sequences',
    names: ['wards_id_seq'],
  },
  {
    fault: 'a disabled trigger',
    plant: 'alter table new.stays disable trigger told',
    check: 'triggers',
    names: ['stays', 'told'],
  },
  {
    fault: 'a dropped trigger',
    plant: 'drop trigger told on new.stays',
    check: 'triggers',
    names: ['stays', 'told'],
  },
  {
    fault: 'a reference that nothing declares to a row that is gone',
    plant: 'delete from new.wards where id = 4',
    check: 'undeclared references',
    names: ['stays', 'ward_id'],
  },
  {
    fault: 'another Unicode form',
    plant: 'update new.stays set patient = normalize(patient::text, NFD) where number = 7',
    check: 'row comparison',
    names: ['stays', 'patient', '7'],
  },
  {
    fault: 'another case where case does not matter',
    plant: 'update new.stays set patient = upper(patient::text) where number = 8',
    check: 'row comparison',
    names: ['stays', 'patient', '8'],
  },
  {
    fault: 'a number in a document lost its scale',
    plant: `update new.stays set notes = '{"beds": 9, "rate": 1.5}' where number = 9`,
    check: 'row comparison',
    names: ['stays', 'notes', '9'],
  },
  {
    fault: 'a number in a document became a text',
    plant: `update new.stays set notes = '{"beds": "9", "rate": 1.50}' where number = 9`,
    check: 'row comparison',
    names: ['stays', 'notes', '9'],
  },
  {
    fault: 'a rounded number',
    plant: 'update new.stays set fee = round(fee) where number = 10',
    check: 'row comparison',
    names: ['stays', 'fee', '10'],
  },
  {
    fault: 'a swapped pair of references',
    plant: `update new.stays set ward_id = case number when 11 then 3 else 2 end where number in (11, 12)`,
    check: 'row comparison',
    names: ['stays', 'ward_id', '11'],
  },
]
