import { idOf } from './expressions.ts'

/** The tables beside the values: rows, and crosswalks that the values are joined to. */
export const loadParents = `
create schema hand;
create table hand.clinics as select id as old_id, ${idOf('clinics', 'id')} as new_id from legacy.clinics;
create table hand.definitions as
  select id as old_id, ${idOf('definitions', 'id')} as new_id from legacy.metric_definitions;
create table hand.sources as select id as old_id, ${idOf('sources', 'id')} as new_id from legacy.data_sources;
create table hand.providers as
  select p.id as old_id, ${idOf('providers', 'p.id')} as new_id, p.clinic_id as old_clinic_id from legacy.providers as p;
analyze hand.clinics, hand.definitions, hand.sources, hand.providers;

insert into app.clinics select h.new_id, c.name from legacy.clinics as c join hand.clinics as h on h.old_id = c.id;
insert into app.providers
  select h.new_id, p.name, c.new_id
  from legacy.providers as p
  join hand.providers as h on h.old_id = p.id
  join hand.clinics as c on c.old_id = p.clinic_id;
insert into app.metric_definitions
  select h.new_id, d.name from legacy.metric_definitions as d join hand.definitions as h on h.old_id = d.id;
insert into app.data_sources
  select h.new_id, s.name from legacy.data_sources as s join hand.sources as h on h.old_id = s.id;
analyze app.clinics, app.providers, app.metric_definitions, app.data_sources;

create table hand.values (old_id text collate "C" not null, new_id uuid not null);
create table hand.quarantine (old_id text not null, code text not null, original jsonb not null);
create table hand.correction (old_id text not null, code text not null, original text not null);
create table hand.chunk (
  number bigint primary key,
  lower tid not null,
  upper tid not null,
  state text not null default 'open',
  read bigint,
  loaded bigint,
  quarantined bigint
);
`

/** Chunks of about that many rows, as ranges of blocks. */
export const cutChunks = `
insert into hand.chunk (number, lower, upper)
select i, format('(%s,0)', i * per)::tid, format('(%s,0)', least((i + 1) * per, 4294967295))::tid
from (
  select blocks, greatest(1, (blocks * $1::numeric / greatest(rows, 1))::bigint) as per
  from (
    select pg_relation_size('legacy.metric_values') / 8192 as blocks, (select count(*) from legacy.metric_values) as rows
  ) as size
) as piece, generate_series(0, (blocks - 1) / per) as i
`
