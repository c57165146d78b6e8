-- What a process that works on a run uses itself.
alter table drover.sample
  add column process_figures jsonb,
  -- Old samples of a process are joined, one a minute for each action and limit: how many the row stands for, and the first
  -- of them. Its figures are those of the last.
  add column samples integer not null default 1,
  add column since timestamptz;

alter table drover.step
  -- What the source takes on the disk with its large values, when the mapping was prepared: how wide its rows are.
  add column source_bytes bigint;
