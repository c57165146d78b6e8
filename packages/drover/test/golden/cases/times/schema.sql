create schema legacy;
create table legacy.visits (
  id integer primary key,
  zone text not null,
  starts timestamp not null,
  ends timestamp,
  booked text,
  synced text
);

create schema app;
create table app.visits (
  id integer primary key,
  zone text not null,
  starts timestamptz not null,
  ends timestamptz,
  booked timestamptz,
  synced timestamptz
);
