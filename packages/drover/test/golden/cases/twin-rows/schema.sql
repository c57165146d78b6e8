create schema legacy;
create table legacy.customers (id integer primary key, email text not null);
create table legacy.points (id integer primary key, customer_id integer not null, points integer not null);

create schema app;
create table app.customers (id integer primary key, email text not null unique);
create table app.balances (customer_id integer primary key references app.customers, points bigint not null);
