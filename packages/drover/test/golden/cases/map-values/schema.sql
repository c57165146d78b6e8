create schema legacy;
create table legacy.customers (
  id integer primary key,
  kind integer,
  state text,
  premium boolean,
  contact text,
  email text,
  phone text
);

create schema app;
create type app.kind as enum ('clinic', 'laboratory');
create table app.customers (
  id integer primary key,
  kind app.kind,
  state text not null,
  discount smallint,
  contact text
);
