create schema legacy;
create table legacy.articles (
  id integer primary key,
  state text not null,
  tags text,
  contact text,
  size double precision,
  data text,
  opened text
);

create schema app;
create type app.article_state as enum ('new', 'on sale', 'gone');
create domain app.email as text check (value ~ '@');
create table app.articles (
  id bigint primary key,
  state app.article_state not null,
  states app.article_state[] not null,
  tags varchar(8)[],
  contact app.email,
  size numeric(6, 2),
  data jsonb,
  digest bytea,
  opened time,
  kept interval,
  "char" "char"
);
