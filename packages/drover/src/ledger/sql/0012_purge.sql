-- Runs whose keys and originals are gone, or are going.
create table drover.purge (
  run_id bigint primary key references drover.run,
  -- What a report has counted of the rows that go, by cause: no keys and no values of rows.
  kept jsonb not null,
  begun_by text not null default session_user,
  begun_at timestamptz not null default clock_timestamp(),
  -- Null until all of it is gone: the same command goes on.
  ended_at timestamptz
);
