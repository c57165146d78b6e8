create schema legacy;
create table legacy.people (id integer primary key, given text, family text, kind text not null);
create view legacy.customers as
  select id, concat_ws(' ', given, family) as name from legacy.people where kind = 'customer';

create schema app;
create table app.customers (id integer primary key, name text not null);
