create schema legacy;
create table legacy.stock (
  id integer primary key,
  locale text,
  shelf text,
  pieces text not null,
  serial text,
  weight text
);

create schema app;
create table app.stock (
  id integer primary key,
  shelf smallint,
  pieces integer not null,
  serial bigint,
  weight integer
);
