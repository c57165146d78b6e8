create schema legacy;
create table legacy.customers (
  id integer primary key,
  name text,
  email text,
  phone text,
  country text,
  points integer
);

create schema app;
create table app.customers (
  id integer primary key,
  name text not null,
  email text,
  phone text not null,
  country text not null,
  points integer not null,
  tier text not null default 'basic',
  active boolean not null
);
