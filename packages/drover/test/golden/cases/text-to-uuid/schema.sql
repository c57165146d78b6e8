create schema legacy;
create table legacy.customers (id text primary key, name text not null);
create table legacy.orders (id text primary key, customer_id text not null references legacy.customers);
create table legacy.order_lines (
  id text primary key,
  order_id text not null references legacy.orders,
  article text not null
);

create schema app;
create table app.customers (id uuid primary key, name text not null);
create table app.orders (id uuid primary key, customer_id uuid not null references app.customers);
create table app.order_lines (id uuid primary key, order_id uuid not null references app.orders, article text not null);
