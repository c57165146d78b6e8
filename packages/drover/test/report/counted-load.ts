import { type Counted, counted, walked } from './counted.ts'

const chunks = (what: string, where = 'true') =>
  `select ${what} from drover.chunk where mapping = $1 and kind = 'range' and (${where})`
const took = `extract(epoch from finished_at - started_at) * 1000`
const quantile = (part: number) =>
  `select (${took})::float8 from drover.chunk where mapping = $1 and kind = 'range'
  order by finished_at - started_at
  offset (select ceil(count(*) * ${part}) - 1 from drover.chunk where mapping = $1 and kind = 'range') limit 1`
const ofTables = (schemaName: string) =>
  `select case $1 when 'visits' then (select count(*) from ${schemaName}.visits) else (select count(*) from ${schemaName}.clinics) end`
const again = `attempts > 1 or splits > 0 or exists (
  select from drover.attempt where attempt.mapping = chunk.mapping and attempt.chunk = chunk.number
)`
/** From the first preparation to the close, in whole milliseconds. */
const mappingMs = `select extract(epoch from date_trunc('milliseconds', finished_at) - date_trunc('milliseconds', started_at)) * 1000
  from drover.step where mapping = $1`

/** The numbers that tell of the load. */
export const countedLoad: Readonly<Record<string, Counted<unknown>>> = {
  mappings: counted({
    of: ({ mappings }) => mappings,
    named: ({ name }) => [name],
    length: 'select count(*) from drover.step',
    numbers: {
      sourceRows: ofTables('old'),
      sourceRowsBefore: ofTables('old'),
      loaded: walked('loaded'),
      merged: walked('merged'),
      matched: walked('matched'),
      quarantined: 'select count(*) from drover.quarantine where mapping = $1',
      excluded: walked('excluded'),
      targetRowsBefore: 'select 0 where $1::text is not null',
      targetRowsAfter: ofTables('new'),
      chunks: chunks('count(*)'),
      chunksDone: chunks('count(*)', `state = 'done'`),
      durationMs: mappingMs,
      rowsPerSecond: `select round((select sum(read) from drover.chunk where mapping = $1) * 1000 / (${mappingMs}))`,
    },
  }),
  courses: counted({
    of: ({ courses }) => courses,
    named: ({ mapping }) => [mapping],
    length: 'select count(*) from drover.step',
    numbers: {
      chunks: chunks('count(*)'),
      chunksDone: chunks('count(*)', `state = 'done'`),
      atFirstAttempt: chunks('count(*)', `not (${again})`),
      begun: chunks('count(*)', `state = 'open'`),
      medianMs: quantile(0.5),
      p95Ms: quantile(0.95),
    },
  }),
  'courses.slowest': counted({
    of: ({ courses }) =>
      courses.flatMap(({ mapping, slowest }) => slowest.map((chunk, place) => ({ mapping, place, ...chunk }))),
    named: ({ mapping, place }) => [mapping, place],
    length: `select sum(least(5, n)) from (select count(*) as n from drover.chunk where kind = 'range' group by mapping) as each`,
    numbers: Object.fromEntries(
      [
        ['number', 'number'],
        ['rows', 'read'],
        ['ms', `(${took})::float8`],
      ].map(([name, column]) => [
        name,
        `select ${column} from drover.chunk where mapping = $1 and kind = 'range'
        order by finished_at - started_at desc, number offset $2::integer limit 1`,
      ]),
    ),
  }),
  'courses.failures': counted({
    of: ({ courses }) => courses.flatMap(({ mapping, failures }) => failures.map((each) => ({ mapping, ...each }))),
    named: ({ mapping, sqlstate, outcome }) => [mapping, sqlstate, outcome],
    length: 'select count(*) from (select distinct mapping, sqlstate, outcome from drover.attempt) as each',
    numbers: {
      attempts: 'select count(*) from drover.attempt where mapping = $1 and sqlstate = $2 and outcome = $3',
      sampleChunks: `select string_agg(chunk::text, ' ' order by chunk) from (
        select distinct chunk from drover.attempt where mapping = $1 and sqlstate = $2 and outcome = $3 order by chunk limit 5
      ) as lowest`,
    },
  }),
  // Cells and slices are as many as are drawn: what they add up to is counted.
  'courses.strip': counted({
    of: ({ courses }) =>
      courses.map(({ mapping, strip }) => ({
        mapping,
        ...Object.fromEntries(
          (['chunks', 'done', 'retried', 'begun', 'failed', 'rows', 'quarantined'] as const).map((name) => [
            name,
            strip.reduce((sum, cell) => sum + cell[name], 0),
          ]),
        ),
      })),
    named: ({ mapping }) => [mapping],
    length: 'select count(*) from drover.step',
    numbers: {
      chunks: chunks('count(*)'),
      done: chunks('count(*)', `state = 'done'`),
      retried: chunks('count(*)', again),
      begun: chunks('count(*)', `state = 'open'`),
      failed: chunks('count(*)', `state = 'open'`),
      rows: chunks('sum(read)'),
      quarantined: chunks('sum(quarantined)'),
    },
  }),
  'courses.throughput': counted({
    of: ({ courses }) =>
      courses.map(({ mapping, throughput }) => ({
        mapping,
        rows: throughput!.rows.reduce((sum, rows) => sum + rows, 0),
        sliceMs: Math.round(throughput!.sliceMs * throughput!.rows.length),
      })),
    named: ({ mapping }) => [mapping],
    length: 'select count(*) from drover.step',
    numbers: {
      rows: chunks('sum(read)'),
      sliceMs: chunks('round(extract(epoch from max(finished_at) - min(started_at)) * 1000)'),
    },
  }),
  throughput: counted({
    of: ({ throughput }) => [
      {
        rows: throughput!.rows.reduce((sum, rows) => sum + rows, 0),
        sliceMs: Math.round(throughput!.sliceMs * throughput!.rows.length),
      },
    ],
    named: () => [],
    length: 'select 1',
    numbers: {
      rows: `select (select count(*) from old.visits) + (select count(*) from old.clinics)`,
      sliceMs: `select round(extract(epoch from max(finished_at) - min(started_at)) * 1000) from drover.chunk where kind = 'range'`,
    },
  }),
  rebuilds: counted({
    of: ({ rebuilds }) => rebuilds,
    named: ({ table, name, kind }) => [table, name, kind],
    length: 'select count(*) from drover.rebuild',
    numbers: Object.fromEntries(
      ['seconds', 'bytes'].map((column) => [
        column,
        `select ${column} from drover.rebuild where table_schema || '.' || table_name = $1 and object_name = $2 and kind = $3`,
      ]),
    ),
  }),
}
