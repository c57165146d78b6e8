import { expect, test } from 'vitest'
import { wordsOf } from '../../src/draft/likeness.ts'
import { drover } from '../cli/drover.ts'
import { createDatabase } from '../support/postgres.ts'
import { draft } from './drafted.ts'

/** A type of PostgreSQL, with values of it. */
const types: Readonly<Record<string, readonly [type: string, ...values: string[]]>> = {
  text: ['text', 'yes', '12', '2024-05-01', '{"a": 1}', 'red'],
  varchar: ['varchar(40)', 'a longer text of more than ten letters', '3.5'],
  short: ['varchar(10)', 'short'],
  int2: ['int2', '1', '-7'],
  int4: ['int4', '0', '100000'],
  int8: ['int8', '5', '9000000000'],
  numeric: ['numeric', '1.5', '123456789.25'],
  money: ['numeric(8,2)', '1.25'],
  float8: ['float8', '0.1', '-3'],
  bool: ['bool', 'true', 'false'],
  uuid: ['uuid', '7b1f0c9e-2b0e-4c6e-9d0e-0a1b2c3d4e5f'],
  date: ['date', '2024-02-29'],
  timestamp: ['timestamp', '2024-03-31 02:30'],
  timestamptz: ['timestamptz', '2024-03-31 02:30+00'],
  json: ['json', '{"a": 1}'],
  jsonb: ['jsonb', '[1]'],
  colour: ['a.colour', 'red'],
  texts: ['text[]', '{a,b}'],
  ints: ['int4[]', '{1,2}'],
  bytea: ['bytea', '\\x00'],
}

/** Names that have nothing in common with each other. */
const letters = [...'abcdefghijklmnopqrstuvwxyz']
const names = letters
  .flatMap((first) => letters.map((second) => first + second))
  .filter((name) => wordsOf(name)[0] === name && name !== 'id')

const kinds = Object.keys(types)
const pairs = kinds
  .flatMap((from) => kinds.map((to) => ({ from, to })))
  .map((pair, i) => ({ ...pair, name: names[i]! }))
const nameOf = (from: string, to: string) => pairs.find((pair) => pair.from === from && pair.to === to)!.name

test('from every type to every type: it compiles, is planned, and loads', async () => {
  const database = await createDatabase()
  const columns = (typeOf: (pair: (typeof pairs)[number]) => string) =>
    pairs.map((pair) => `"${pair.name}" ${typeOf(pair)}`).join(', ')
  await database.query(`create schema a; create type a.colour as enum ('red', 'green');
    create schema b; create type b.colour as enum ('green', 'red', 'blue');
    create table a.things (id int primary key, ${columns(({ from }) => types[from]![0])});
    create table b.things (id int primary key, ${columns(({ to }) => types[to]![0].replace('a.', 'b.'))});
    insert into a.things (id) values (9)`)
  for (const id of [0, 1, 2, 3, 4]) {
    const values = pairs.map(({ from }) => `'${types[from]![id + 1] ?? types[from]![1]}'`)
    await database.query(`insert into a.things values (${id}, ${values.join(', ')})`)
  }

  const drafted = await draft('types', database.url, '--from', 'a', '--to', 'b', '--name', 'types')
  const [zone, ...open] = drafted.refused()
  expect(zone).toMatch(/^const zone/)
  const undecided = open.map((line) => pairs.find(({ name }) => line.startsWith(`${name}: undecided(`)))
  expect(undecided).not.toContain(undefined)
  const told = kinds.map((kind) => {
    const others = undecided.filter((pair) => pair!.from === kind).map((pair) => pair!.to)
    return `${kind}: ${others.join(', ')}\n`
  })
  await expect(told.join('')).toMatchFileSnapshot('./types.undecided.txt')

  drafted.answer(/: string = undecided\(.*\)/, " = 'Europe/Berlin'")
  drafted.answer(/^ {4}\w+: undecided\(.*\n/gm, '')
  drafted.answer(/ {2}undecided,\n/, '')
  const dropped = undecided.map((pair) => `'${pair!.name}'`)
  drafted.answer(/^\}\)$/m, `  dropped: [${dropped.join(', ')}],\n})`)
  expect(drafted.refused()).toEqual([])

  const call = { database: database.url, directory: drafted.folder }
  const { exit, stderr } = await drover(['run', 'migration.ts', '--allow', 'drops-indexes,unrehearsed'], call)
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  expect(await database.query('select count(*)::int as n from b.things')).toEqual([{ n: 6 }])
  const [row] = await database.query('select * from b.things where id = 0')
  expect(row).toMatchObject({
    [nameOf('text', 'bool')]: true,
    [nameOf('timestamp', 'timestamptz')]: new Date('2024-03-31T01:30:00Z'),
    [nameOf('timestamptz', 'timestamp')]: expect.any(Date),
    [nameOf('bool', 'int8')]: '1',
    [nameOf('varchar', 'short')]: null,
    [nameOf('colour', 'text')]: 'red',
    [nameOf('numeric', 'money')]: '1.50',
  })
})
