create schema legacy;
create table legacy.customers (id text primary key, name text);
create table legacy.orders (id text primary key, customer_id text not null);

create schema app;
create table app.customers (id uuid primary key, name text not null);
create table app.orders (id uuid primary key, customer_id uuid not null references app.customers);
