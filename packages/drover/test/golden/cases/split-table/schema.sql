create schema legacy;
create table legacy.customers (
  id text primary key,
  name text not null,
  street text,
  city text,
  newsletter boolean not null
);

create schema app;
create table app.customers (id uuid primary key, name text not null);
create table app.addresses (
  id uuid primary key,
  customer_id uuid not null references app.customers,
  street text,
  city text not null
);
create table app.subscriptions (customer_id uuid primary key references app.customers, topic text not null);
