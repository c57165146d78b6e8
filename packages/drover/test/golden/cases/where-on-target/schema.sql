create schema legacy;
create table legacy.customers (id integer primary key, email text);
create table legacy.carts (id integer primary key, customer_id integer, total text not null);

create schema app;
create table app.customers (id integer primary key, email text not null unique);
create table app.carts (id integer primary key, customer_id integer not null references app.customers, total numeric(8, 2) not null);
