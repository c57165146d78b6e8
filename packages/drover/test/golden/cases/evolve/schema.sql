create schema app;
create table app.customers (
  id integer primary key,
  name text not null,
  country text,
  status text not null,
  updated_by text not null default 'app'
);
