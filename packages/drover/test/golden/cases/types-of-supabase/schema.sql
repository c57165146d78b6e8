create schema legacy;
create table legacy.notes (id text primary key, author text, body text, written timestamp not null, number integer, stars integer);

create schema app;
create type app.mood as enum ('glad', 'sad');
create table app.notes (
  id uuid primary key,
  number bigint generated always as identity,
  author text not null,
  body text,
  mood app.mood not null default 'glad',
  written_at timestamptz not null default now(),
  length integer generated always as (length(body)) stored
);
