create schema legacy;
create table legacy.events (
  id integer primary key,
  kind text,
  body json,
  parts json[],
  token text
);

create schema app;
create table app.events (
  id integer primary key,
  kind text not null check (kind <> 'refused'),
  body jsonb
);
