create schema legacy;
create table legacy.users (
  id integer primary key,
  theme text,
  rows_per_page text,
  since date,
  tag_1 text,
  tag_2 text,
  filter text,
  state json,
  layout jsonb
);

create schema app;
create table app.users (
  id integer primary key,
  settings jsonb not null,
  filter jsonb,
  state jsonb,
  layout jsonb not null
);
