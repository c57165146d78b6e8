create schema legacy;
create table legacy.customers (id text primary key, email text not null);
create table legacy.carts (id text primary key, customer_id text, day date not null, items integer not null);

create schema app;
create table app.customers (id uuid primary key, email text not null unique);
create table app.carts (
  id uuid primary key,
  customer_id uuid not null references app.customers,
  day date not null,
  items integer not null,
  unique (customer_id, day)
);
