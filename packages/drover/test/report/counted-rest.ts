import { type Counted, counted, walked } from './counted.ts'

const sampled = (figure: string, order: string) =>
  `select figures ->> '${figure}' from drover.sample where figures ? '${figure}' order by ${order} limit 1`

/** The numbers that tell of rows, checks, and the run as a whole. */
export const countedRest: Readonly<Record<string, Counted<unknown>>> = {
  controlTotals: counted({
    of: ({ controlTotals }) => controlTotals,
    named: ({ mapping, name }) => [mapping, name],
    length: `select count(distinct (mapping, name)) from drover.control_total`,
    numbers: {
      sourceRows: `select rows from drover.control_total where mapping = $1 and name = $2 and stage = 'before'`,
      source: `select source_sum from drover.control_total where mapping = $1 and name = $2 and stage = 'before'`,
      target: `select trim_scale(sum(amount)) from new.visits where $1::text is not null and $2::text is not null`,
      differingGroups: `select count(*) from drover.control_total
        where mapping = $1 and name = $2 and disposition = 'loaded' and source_sum <> target_sum`,
    },
  }),
  'controlTotals.dispositions': counted({
    of: ({ controlTotals }) =>
      controlTotals.map(({ mapping, name, dispositions }) => ({ mapping, name, ...dispositions })),
    named: ({ mapping, name }) => [mapping, name],
    length: `select count(distinct (mapping, name)) from drover.control_total`,
    numbers: Object.fromEntries(
      ['loaded', 'merged', 'matched', 'quarantined', 'excluded'].map((disposition) => [
        disposition,
        `select trim_scale(coalesce(sum(source_sum), 0)) from drover.control_total
        where mapping = $1 and name = $2 and stage = 'loaded' and disposition = '${disposition}'`,
      ]),
    ),
  }),
  quarantine: counted({
    of: ({ quarantine }) => quarantine,
    named: ({ mapping, code }) => [mapping, code],
    length: 'select count(*) from (select distinct mapping, code from drover.quarantine) as each',
    numbers: {
      rows: 'select count(*) from drover.quarantine where mapping = $1 and code = $2',
      accepted: 'select count(*) from drover.quarantine where mapping = $1 and code = $2 and accepted_why is not null',
    },
  }),
  corrections: counted({
    of: ({ corrections }) => corrections,
    named: ({ mapping, column, code }) => [mapping, column, code],
    length: 'select count(*) from (select distinct mapping, column_name, code from drover.correction) as each',
    numbers: { rows: 'select count(*) from drover.correction where mapping = $1 and column_name = $2 and code = $3' },
  }),
  notes: counted({
    of: ({ notes }) => notes,
    named: ({ mapping, column, code }) => [mapping, column, code],
    length: 'select count(*) from (select distinct mapping, column_name, code from drover.note) as each',
    numbers: {
      rows: `select nullif(count(source_key), 0) from drover.note where mapping = $1 and column_name = $2 and code = $3`,
    },
  }),
  merges: counted({
    of: ({ merges }) => merges,
    named: ({ mapping }) => [mapping],
    length: 'select count(distinct mapping) from drover.merge',
    numbers: { rows: walked('merged') },
  }),
  processes: counted({
    of: ({ processes }) => processes,
    named: ({ name }) => [name],
    length: 'select count(distinct process) from drover.sample',
    numbers: {
      samples: 'select sum(samples) from drover.sample where process = $1',
      peakMemoryBytes: 'select max(memory_bytes) from drover.sample where process = $1',
      workers: 'select max(workers) from drover.sample where process = $1',
      ...Object.fromEntries(
        ['cpuUserSeconds', 'cpuSystemSeconds', 'eventLoopPeakMs'].map((name) => [
          name,
          `select (process_figures ->> '${name}')::float8 from drover.sample where process = $1 order by at desc limit 1`,
        ]),
      ),
    },
  }),
  decisions: counted({
    of: ({ decisions }) => decisions,
    named: ({ action, limit }) => [action, limit],
    length: 'select count(*) from (select distinct action, limit_name from drover.sample) as each',
    numbers: {
      samples: 'select sum(samples) from drover.sample where action = $1 and limit_name is not distinct from $2',
    },
  }),
  issues: counted({
    of: ({ issues }) =>
      [...new Set(issues.map(({ kind }) => kind))].map((kind) => ({
        kind,
        times: issues.filter((issue) => issue.kind === kind).reduce((sum, { times }) => sum + Number(times), 0),
      })),
    named: ({ kind }) => [kind],
    length: 'select 3',
    numbers: {
      times: `select case $1
        when 'attempt' then (select count(*) from drover.attempt where outcome <> 'set aside')
        when 'refused' then (select count(*) from drover.quarantine where sqlstate is not null)
        when 'held back' then (select sum(samples) from drover.sample where action <> 'go')
      end`,
    },
  }),
  resources: counted({
    of: ({ resources }) => [resources!],
    named: () => [],
    length: 'select 1',
    numbers: {
      databaseBytesBefore: sampled('databaseBytes', 'at'),
      databaseBytesAfter: sampled('databaseBytes', 'at desc'),
      peakMemoryBytes: 'select max(memory_bytes) from drover.sample where figures is not null',
    },
  }),
  'evidence.segments': counted({
    of: ({ evidence }) => evidence.segments,
    named: ({ mapping, first, last }) => [mapping, first, last],
    length: 'select count(*) from drover.chunk',
    numbers: {
      first: `select min(number) from drover.chunk where mapping = $1 and number >= $2 and number <= $3`,
      last: `select max(number) from drover.chunk where mapping = $1 and number >= $2 and number <= $3`,
      ...Object.fromEntries(
        [
          ['chunks', `count(*) filter (where kind = 'range')`],
          ['chunksDone', `count(*) filter (where kind = 'range' and state = 'done')`],
          ['adjustments', `count(*) filter (where kind = 'adjustment')`],
          ...['read', 'loaded', 'merged', 'matched', 'quarantined', 'excluded'].map((name) => [name, `sum(${name})`]),
        ].map(([name, sum]) => [
          name,
          `select ${sum} from drover.chunk where mapping = $1 and number between $2::bigint and $3::bigint`,
        ]),
      ),
    },
  }),
  verdict: counted({
    of: ({ verdict }) => [verdict],
    named: () => [],
    length: 'select 1',
    numbers: {
      sourceRows: 'select (select count(*) from old.visits) + (select count(*) from old.clinics)',
      rowsInTarget: `select (select count(*) from drover.crosswalk_visits where disposition in ('loaded', 'merged', 'matched'))
        + (select count(*) from drover.crosswalk_clinics where disposition in ('loaded', 'merged', 'matched'))`,
      rowsLeftOut: `select (select count(*) from drover.crosswalk_visits where disposition in ('quarantined', 'excluded'))
        + (select count(*) from drover.crosswalk_clinics where disposition in ('quarantined', 'excluded'))`,
    },
  }),
  'verdict.coverage': counted({
    of: ({ verdict }) => [verdict.coverage],
    named: () => [],
    length: 'select 1',
    numbers: {
      ...Object.fromEntries(
        [
          ['passed', 'pass'],
          ['warned', 'warn'],
          ['failed', 'fail'],
          ['notRun', 'not run'],
        ].map(([name, verdict]) => [name, `select count(*) from drover.finding where verdict = '${verdict}'`]),
      ),
      comparedMappings: `select count(distinct mapping) from drover.finding where check_name = 'row comparison' and verdict <> 'not run'`,
      mappings: 'select count(*) from drover.step',
    },
  }),
  run: counted({
    of: (of) => [of.run],
    named: () => [],
    length: 'select count(*) from drover.run',
    numbers: {
      id: 'select id from drover.run',
      durationMs: `select extract(epoch from date_trunc('milliseconds', finished_at) - date_trunc('milliseconds', started_at)) * 1000 from drover.run`,
    },
  }),
  'run.settings': counted({
    of: (of) => [of.run.settings],
    named: () => [],
    length: 'select 1',
    numbers: { rowsPerChunk: `select settings ->> 'chunkRows' from drover.run` },
  }),
  'run.settings.working': counted({
    of: (of) => [of.run.settings.working!],
    named: () => [],
    length: 'select 1',
    numbers: Object.fromEntries(
      ['workers', 'workMemBytes', 'maintenanceWorkMemBytes', 'parallelMaintenanceWorkers', 'mostBytesPerChunk'].map(
        (name) => [name, `select settings -> 'working' ->> '${name}' from drover.run`],
      ),
    ),
  }),
  findings: counted({
    of: ({ findings }) => findings,
    named: ({ check, mapping, detail }) => [check, mapping, detail],
    length: `select count(*) from drover.finding where verdict <> 'not run'`,
    numbers: Object.fromEntries(
      ['expected', 'actual'].map((column) => [
        column,
        `select ${column} from drover.finding where check_name = $1 and mapping is not distinct from $2 and detail = $3`,
      ]),
    ),
  }),
}
