-- Indexes and constraints that a run takes off an empty target, and makes again after the load.
create table drover.rebuild (
  run_id bigint not null references drover.run,
  position integer not null,
  table_schema text not null,
  table_name text not null,
  object_name text not null,
  -- crosswalk: the primary key of a crosswalk, which is made after the load as well.
  kind text not null check (kind in ('crosswalk', 'primary key', 'unique', 'index', 'foreign key')),
  -- kept: left in place · off: not there · built: the index, or the foreign key without a look at the rows · done.
  state text not null check (state in ('kept', 'off', 'built', 'done')),
  -- Why it was left in place.
  why text check ((why is not null) = (state = 'kept')),
  -- The mappings that must have carried out all their chunks first, and those that must be closed.
  loaded_after text[] not null,
  closed_after text[] not null,
  -- Who is at it, or was last; and when its latest part began and ended.
  worker text,
  started_at timestamptz,
  finished_at timestamptz,
  -- What all parts of it took, in seconds, and how large the index is.
  seconds double precision not null default 0,
  bytes bigint,
  primary key (run_id, position)
);

create index rebuild_open on drover.rebuild (run_id, position) where state in ('off', 'built');
