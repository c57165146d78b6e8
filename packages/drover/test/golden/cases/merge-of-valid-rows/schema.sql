create schema legacy;
create table legacy.customers (id integer primary key, email text, name text, state text not null, created_at date not null);
create table legacy.orders (id integer primary key, customer_id integer not null);

create schema app;
create table app.customers (id integer primary key, email text not null unique, name text not null);
create table app.orders (id integer primary key, customer_id integer not null references app.customers);
