create schema legacy;
create table legacy.customers (id integer primary key, name text);
create table legacy.orders (id integer primary key, customer_id integer);
create table legacy.order_lines (id integer primary key, order_id integer not null);
create table legacy.reviews (id integer primary key, order_id integer);

create schema app;
create table app.customers (id integer primary key, name text not null);
create table app.orders (id integer primary key, customer_id integer not null references app.customers);
create table app.order_lines (id integer primary key, order_id integer not null references app.orders);
create table app.reviews (id integer primary key, order_id integer references app.orders);
