create schema legacy;
create table legacy.customers (id integer primary key, name text);
create table legacy.orders (id integer primary key, customer_id integer, billing_id integer, parent_id integer);

create schema app;
create table app.customers (id integer primary key, name text not null);
create table app.orders (id integer primary key, customer_id integer not null references app.customers);
