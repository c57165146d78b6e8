create schema legacy;
create table legacy.customers (id text primary key);
create table legacy.orders (id integer primary key, customer_id text);

create schema app;
create table app.customers (id uuid primary key);
create table app.strict_orders (id integer primary key, customer_id uuid references app.customers);
create table app.loose_orders (id integer primary key, customer_id uuid references app.customers);
create table app.default_orders (id integer primary key, customer_id uuid not null references app.customers);
