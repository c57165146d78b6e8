-- What several workers need to share the chunks of a run, and to get over those that fail.
alter table drover.chunk
  -- About how many source rows the range holds.
  add column rows bigint,
  -- Begun and not ended by an error or a result: counted ahead of the chunk, so that a worker's death leaves it behind.
  add column attempts integer not null default 0,
  -- How often the range was split because of a failure; such a range is not joined with its neighbours again.
  add column splits integer not null default 0;

drop index drover.chunk_open;
create index chunk_open on drover.chunk (run_id, mapping, attempts, splits desc, number) where state = 'open';
create index chunk_finished on drover.chunk (run_id, finished_at) where state = 'done';

alter table drover.step
  -- Who prepares or closes the mapping, or did so last.
  add column worker text;

alter table drover.quarantine
  -- Of the server's error, where that set the row aside and no guard.
  add column sqlstate text;

create index quarantine_refused on drover.quarantine (run_id, mapping) where sqlstate is not null;

-- Attempts at a chunk that did not end well.
create table drover.attempt (
  run_id bigint not null references drover.run,
  mapping text not null,
  chunk bigint not null,
  worker text,
  -- Null where the worker did not live to tell.
  sqlstate text,
  outcome text not null check (outcome in ('retried', 'split', 'set aside', 'failed')),
  at timestamptz not null default clock_timestamp()
);

create index attempt_at on drover.attempt (run_id, at);
