-- The transactions of a run that write to its targets, each recorded by itself: its row here bears it as its xmin, unless
-- it came from a backup. A row of a target whose xmin is none of them was changed since, or added by someone else.
create table drover.transaction (
  run_id bigint not null references drover.run,
  xid xid8 not null default pg_current_xact_id(),
  primary key (run_id, xid)
);

-- A verification is done in parts, each in transactions of its own. One that was interrupted goes on where it stopped, as
-- long as nothing was done to the run since.
create table drover.verification (
  id bigint generated always as identity primary key,
  run_id bigint not null references drover.run,
  options jsonb not null,
  -- The run's last event when the verification began.
  after_event bigint,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  verdict text check (verdict in ('pass', 'warn', 'fail'))
);

create index verification_run on drover.verification (run_id, id);

create table drover.verification_part (
  verification_id bigint not null references drover.verification on delete cascade,
  part text not null,
  findings jsonb not null,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  primary key (verification_id, part)
);

-- What a finding is about, shown by a few rows: keys in clear, values masked.
alter table drover.finding
  add column rule text,
  add column sample jsonb not null default '[]',
  add column query text;

-- The rows of the source before its first chunk; source_rows is counted again when the mapping is closed.
alter table drover.step add column source_rows_before bigint;

-- Sums that must agree: of the source before its first chunk, and of source and target when the mapping was closed. Those of
-- a repaired run are of the source with its fixes, and of the target as it was then.
create table drover.control_total (
  run_id bigint not null,
  mapping text not null,
  name text not null,
  stage text not null check (stage in ('before', 'loaded')),
  disposition text,
  -- The values that the total is grouped by, as texts; null of rows that have none in the target.
  group_key text[],
  rows bigint not null,
  source_sum numeric,
  target_sum numeric,
  foreign key (run_id, mapping) references drover.step
);

create index control_total_mapping on drover.control_total (run_id, mapping);

-- Digests of whole tables, taken by a verification: whoever has another copy of the table can compare.
create table drover.fingerprint (
  verification_id bigint not null references drover.verification on delete cascade,
  table_schema text not null,
  table_name text not null,
  algorithm text not null,
  rows bigint not null,
  -- The sums, over all rows, of both halves of the hash.
  high numeric not null,
  low numeric not null,
  taken_at timestamptz not null default clock_timestamp(),
  primary key (verification_id, table_schema, table_name)
);

-- Sequences that a run sets ahead of the keys that it loads, as they stood before.
create table drover.moved_sequence (
  run_id bigint not null references drover.run,
  sequence_schema text not null,
  sequence_name text not null,
  was_value bigint not null,
  was_called boolean not null,
  primary key (run_id, sequence_schema, sequence_name)
);
