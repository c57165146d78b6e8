-- What each process that works on a run saw of the server, and what it did about it.
create table drover.sample (
  run_id bigint not null references drover.run,
  at timestamptz not null default clock_timestamp(),
  -- The host and process that sampled.
  process text not null,
  -- Null where the server's state could not be read.
  figures jsonb,
  action text not null check (action in ('go', 'wait', 'fewer-workers', 'smaller-chunks')),
  -- The limit that was exceeded, by its name in the settings; null where the state could not be read.
  limit_name text,
  reason text,
  -- Workers of this process that may take chunks, and its peak memory in bytes.
  workers integer not null,
  memory_bytes bigint not null
);

create index sample_at on drover.sample (run_id, at);
