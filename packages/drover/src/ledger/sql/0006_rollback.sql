-- The way back: what stood before a run, what it altered, and how far it is taken back.

-- Digests of the targets as the run found them, which a rollback ends by comparing.
create table drover.target_before (
  run_id bigint not null references drover.run,
  table_schema text not null,
  table_name text not null,
  algorithm text not null,
  rows bigint not null,
  -- The sums, over all rows, of both halves of the hash.
  high numeric not null,
  low numeric not null,
  taken_at timestamptz not null default clock_timestamp(),
  primary key (run_id, table_schema, table_name)
);

alter table drover.moved_sequence
  -- The value furthest on in the columns that it feeds, before the run; null where they held none.
  add column was_furthest numeric,
  -- Where the run left the sequence; null as long as it has not moved it.
  add column set_value bigint;

-- Objects that a run or a rollback altered, written before or with the change; restored where restored_at says so.
create table drover.altered_object (
  id bigint generated always as identity primary key,
  run_id bigint not null references drover.run,
  kind text not null check (kind in ('trigger', 'index', 'constraint')),
  table_schema text not null,
  table_name text not null,
  object_name text not null,
  change text not null check (change in ('created', 'disabled', 'dropped')),
  -- One statement, which does nothing where the object is as it was.
  restore text not null,
  altered_at timestamptz not null default clock_timestamp(),
  restored_at timestamptz
);

create index altered_object_run on drover.altered_object (run_id, id);

create table drover.rollback (
  run_id bigint primary key references drover.run,
  -- What was decided about conflicts, by table; `*` for all others.
  on_conflict jsonb not null,
  -- How triggers are kept from firing.
  triggers text not null check (triggers in ('replica role', 'disabled', 'fire')),
  started_by text not null default session_user,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  verdict text check (verdict in ('pass', 'warn', 'fail')),
  findings jsonb
);

-- A range of blocks of a ledger's table, whose rows are taken back by one transaction.
create table drover.rollback_chunk (
  run_id bigint not null,
  mapping text not null,
  number bigint not null,
  -- unlink: references that close a circle are emptied · restore: before-images · remove: rows that were loaded.
  kind text not null check (kind in ('unlink', 'restore', 'remove')),
  lower bigint not null,
  -- Null: without end.
  upper bigint,
  state text not null default 'open' check (state in ('open', 'done')),
  worker text,
  -- Rows removed or restored, kept by decision, and gone already.
  undone bigint,
  kept bigint,
  gone bigint,
  finished_at timestamptz,
  primary key (run_id, mapping, number),
  foreign key (run_id, mapping) references drover.step
);

create index rollback_chunk_open on drover.rollback_chunk (run_id, mapping) where state = 'open';

-- Rows that stand in the way of a rollback, and what was decided. Keys, no values.
create table drover.conflict (
  run_id bigint not null references drover.run,
  table_schema text not null,
  table_name text not null,
  -- The row's primary key as one text, as source keys are written.
  row_key text collate "C" not null,
  -- changed, deleted: a row that the run wrote, by someone else since · added: a row that is not the run's refers to one
  -- that is to go · needed: a row of the run to which one that stays refers.
  kind text not null check (kind in ('changed', 'deleted', 'added', 'needed')),
  -- Of a row that the run wrote.
  mapping text,
  -- Of a row that was added: the foreign key, and the row that it leads to.
  constraint_name text,
  refers_to text,
  -- The row's xmin when it was found: another one means that it was changed again.
  version bigint,
  -- Null until it is decided.
  decision text check (decision in ('keep', 'discard')),
  found_at timestamptz not null default clock_timestamp(),
  primary key (run_id, table_schema, table_name, row_key)
);

-- Rows that others wrote and a decision took away: as they were, until the ledger is purged.
create table drover.discarded_row (
  id bigint generated always as identity primary key,
  run_id bigint not null references drover.run,
  table_schema text not null,
  table_name text not null,
  row_key text collate "C" not null,
  row jsonb not null,
  discarded_at timestamptz not null default clock_timestamp()
);

create index discarded_row_run on drover.discarded_row (run_id, id);

-- After a rewriting ALTER TABLE or a restore all rows bear an xmin that is not the run's. Those that are as the run made them
-- were compared: by these they count as the run's.
create table drover.trusted_version (
  run_id bigint not null references drover.run,
  table_schema text not null,
  table_name text not null,
  version bigint not null,
  primary key (run_id, table_schema, table_name, version)
);

-- What a rehearsal of a plan showed. Holds counts and figures, no keys and no values.
create table drover.rehearsal (
  id bigint generated always as identity primary key,
  migration text not null,
  plan_hash text not null,
  rehearsed_at timestamptz not null default clock_timestamp(),
  rehearsed_by text not null default session_user,
  verdict text not null check (verdict in ('pass', 'fail')),
  result jsonb not null
);

create index rehearsal_plan on drover.rehearsal (plan_hash, id);
