create schema legacy;
create table legacy.customers (
  id integer primary key,
  email text not null,
  name text,
  phone text,
  note text,
  seen date
);

create schema app;
create table app.customers (id integer primary key, name text not null, phone text, last_note text);
