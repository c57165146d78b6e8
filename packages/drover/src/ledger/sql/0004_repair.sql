-- What people decide about rows: values that stand in for those of the source, duplicates that are none, rows that stay out.
alter table drover.quarantine
  -- Will not be migrated: who said so, when and why. Null while it is undecided.
  add column accepted_at timestamptz,
  add column accepted_by text,
  add column accepted_why text,
  add constraint quarantine_accepted check (num_nulls(accepted_at, accepted_by, accepted_why) in (0, 3));

-- The source is never written (I5): it is read through these. They outlive the run, so that the next one reads them too.
create table drover.overlay (
  migration text not null,
  -- A table of the source, as schema.name.
  relation text not null,
  -- Its primary key as one text, as source keys are written.
  row_key text collate "C" not null,
  -- By column, the value as text, or null.
  patch jsonb not null check (jsonb_typeof(patch) = 'object'),
  fixed_at timestamptz not null default clock_timestamp(),
  fixed_by text not null default session_user,
  primary key (migration, relation, row_key)
);

-- The rows that a repair is about, while it is under way: empty at its end.
create table drover.repair_key (
  run_id bigint not null references drover.run,
  mapping text not null,
  source_key text collate "C" not null,
  -- try: carried again · change: loaded, and made of others now · group: its duplicates are told apart again ·
  -- moved: its target row is another one, or holds other values · withdraw: no longer there.
  purpose text not null check (purpose in ('try', 'change', 'group', 'moved', 'withdraw')),
  done boolean not null default false,
  -- The disposition ahead of the attempt.
  before text,
  primary key (run_id, mapping, source_key, purpose)
);

-- Source rows that are nobody's duplicate, whatever their identity says: a merge of them was undone.
create table drover.apart (
  migration text not null,
  mapping text not null,
  source_key text collate "C" not null,
  decided_at timestamptz not null default clock_timestamp(),
  decided_by text not null default session_user,
  primary key (migration, mapping, source_key)
);

-- What a check foresaw, for the report of the run that came after it. Holds counts, keys and masked samples, no values.
create table drover.outlook (
  id bigint generated always as identity primary key,
  migration text not null,
  plan_hash text not null,
  checked_at timestamptz not null default clock_timestamp(),
  checked_by text not null default session_user,
  outlook jsonb not null
);
