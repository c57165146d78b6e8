-- drover's ledger: what a run is to do, what it did, and every original it set aside.
-- Rows may hold personal data: nobody but the owner sees them until granted.
create schema drover;
revoke all on schema drover from public;

create table drover.ledger_version (
  version integer primary key,
  drover text not null,
  installed_at timestamptz not null default now()
);

create table drover.run (
  id bigint generated always as identity primary key,
  migration text not null,
  plan_hash text not null,
  plan jsonb not null,
  drover text not null,
  settings jsonb not null,
  started_by text not null default current_user,
  state text not null check (state in (
    'planned', 'running', 'pausing', 'paused', 'cancelling', 'cancelled', 'failed', 'loaded', 'verified',
    'repairing', 'finalized', 'rolling_back', 'rolled_back'
  )),
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz
);

-- One live run per migration: two that write the same rows could not both keep I2.
create unique index run_live_key on drover.run (migration)
where state not in ('cancelled', 'finalized', 'rolled_back');

create table drover.step (
  run_id bigint not null references drover.run,
  position integer not null,
  mapping text not null,
  depends_on text[] not null,
  state text not null default 'waiting' check (state in ('waiting', 'loading', 'done')),
  source_rows bigint,
  target_rows_before bigint,
  target_rows_after bigint,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (run_id, mapping)
);

create table drover.chunk (
  run_id bigint not null,
  mapping text not null,
  number bigint not null,
  -- A range of source rows; or an entry that moves rows, already counted, from one disposition to another.
  kind text not null default 'range' check (kind in ('range', 'adjustment')),
  lower text[],
  upper text[],
  state text not null default 'open' check (state in ('open', 'done')),
  worker text,
  read bigint,
  loaded bigint,
  merged bigint,
  matched bigint,
  quarantined bigint,
  excluded bigint,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (run_id, mapping, number),
  foreign key (run_id, mapping) references drover.step,
  -- I2: a chunk whose dispositions do not add up to the rows it read cannot be marked done.
  constraint chunk_conservation check (
    state <> 'done' or read = loaded + merged + matched + quarantined + excluded
  ),
  -- A count that is unknown would leave the sum unknown, and an unknown CHECK passes.
  constraint chunk_counted check (
    state <> 'done' or num_nulls(read, loaded, merged, matched, quarantined, excluded) = 0
  )
);

create index chunk_open on drover.chunk (run_id, mapping, number) where state = 'open';

-- The tables that a run reads, as it found them.
create table drover.frozen_table (
  run_id bigint not null references drover.run,
  table_schema text not null,
  table_name text not null,
  mode text not null check (mode in ('verify', 'block')),
  -- The file that holds the table: another one means that its rows have moved.
  filenode oid,
  digest_before text,
  digest_after text,
  frozen_at timestamptz not null default clock_timestamp(),
  released_at timestamptz,
  primary key (run_id, table_schema, table_name)
);

-- What the triggers call that hold the source. Only a run's own transactions may write: to rows that evolve in place.
create function drover.refuse_write() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('drover.writing', true) = 'on' then
    return null;
  end if;
  raise exception 'drover is migrating %.%: it takes no writes until the run ends', tg_table_schema, tg_table_name
    using errcode = 'object_in_use', hint = 'See drover status. The run ends the block when it is loaded or cancelled.';
end
$$;

create table drover.quarantine (
  run_id bigint not null references drover.run,
  mapping text not null,
  source_key text collate "C" not null,
  chunk bigint not null,
  code text not null,
  reasons jsonb not null,
  original jsonb,
  set_aside_at timestamptz not null default clock_timestamp(),
  primary key (run_id, mapping, source_key)
);

create table drover.correction (
  run_id bigint not null,
  mapping text not null,
  source_key text collate "C",
  code text not null,
  column_name text not null,
  original text
);

create table drover.note (
  run_id bigint not null,
  mapping text not null,
  source_key text collate "C",
  code text not null,
  column_name text not null
);

create table drover.merge (
  run_id bigint not null,
  mapping text not null,
  source_key text collate "C" not null,
  survivor_key text collate "C" not null
);

create table drover.finding (
  run_id bigint not null references drover.run,
  check_name text not null,
  mapping text,
  verdict text not null check (verdict in ('pass', 'warn', 'fail', 'not run')),
  expected text,
  actual text,
  detail text,
  found_at timestamptz not null default clock_timestamp()
);

-- The audit log: who did what, when.
create table drover.event (
  id bigint generated always as identity primary key,
  run_id bigint references drover.run,
  at timestamptz not null default clock_timestamp(),
  actor text not null default session_user,
  what text not null,
  detail jsonb not null default '{}'
);
