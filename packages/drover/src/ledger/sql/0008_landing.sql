-- Tables of another server, and files, that are carried into this database before a run reads them.

-- Snapshots of a source: what was read under one of them agrees. One lives as long as the session that exported it.
create table drover.landing_generation (
  id bigint generated always as identity primary key,
  -- Host, port and database; no user and no password.
  source text not null,
  -- Said by the operator: nothing writes to the source, so that what was read under several of them agrees, too.
  frozen boolean not null,
  started_by text not null default session_user,
  started_at timestamptz not null default clock_timestamp()
);

create table drover.landing (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('table', 'csv', 'jsonl')),
  -- Host, port and database of the server, or the name of the file.
  source text not null,
  source_schema text,
  source_name text,
  table_schema text not null,
  table_name text not null,
  -- The table that was made: another one of the same name is somebody else's.
  relation oid not null,
  -- What was made of it: columns, types and keys. No values.
  definition jsonb not null,
  state text not null default 'landing' check (state in ('landing', 'landed')),
  -- The snapshot that it agrees with; null of a file.
  generation_id bigint references drover.landing_generation,
  -- Counted at the source, and counted here.
  source_rows bigint,
  rows bigint,
  -- The digest that both sides have; null where none was taken.
  algorithm text check (algorithm in ('md5', 'sha256')),
  first_sum numeric,
  second_sum numeric,
  -- Of a file.
  bytes bigint,
  sha256 text,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  unique (table_schema, table_name),
  -- A count that is unknown would leave the comparison unknown, and an unknown CHECK passes.
  constraint landing_conservation check (state <> 'landed' or coalesce(rows = source_rows, false))
);

-- Parts of tables, each carried over in one transaction: its rows and this mark commit together.
create table drover.landing_chunk (
  landing_id bigint not null references drover.landing on delete cascade,
  number bigint not null,
  -- The partition or heir that holds the rows, and the file that held it: another one means that its rows have moved.
  -- Null where the relation is read as a whole.
  part_schema text,
  part_name text,
  filenode oid,
  -- A range of its blocks; null: without end.
  lower bigint,
  upper bigint,
  state text not null default 'open' check (state in ('open', 'done')),
  generation_id bigint references drover.landing_generation,
  -- As both servers count them.
  rows bigint,
  finished_at timestamptz,
  primary key (landing_id, number),
  constraint landing_chunk_counted check (state <> 'done' or num_nulls(rows, generation_id) = 0)
);

-- Schemas and types that were made for tables to land in: they go with the last of these.
create table drover.landing_object (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('schema', 'type')),
  object_schema text not null,
  -- Empty of a schema.
  object_name text not null,
  unique (kind, object_schema, object_name)
);
