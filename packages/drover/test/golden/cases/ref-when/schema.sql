create schema legacy;
create table legacy.products (id integer primary key);
create table legacy.customers (id integer primary key);
create table legacy.comments (id integer primary key, about text not null, about_id integer, body text not null);

create schema app;
create table app.products (id integer primary key);
create table app.customers (id integer primary key);
create table app.comments (
  id integer primary key,
  product_id integer references app.products,
  customer_id integer references app.customers,
  body text not null,
  check (num_nonnulls(product_id, customer_id) = 1)
);
