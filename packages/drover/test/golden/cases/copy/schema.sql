create schema legacy;
create table legacy.products (
  id integer primary key,
  sku text not null,
  title text,
  price numeric(10, 2) not null,
  shelf text
);

create schema app;
create table app.products (
  id integer primary key,
  sku text not null unique,
  title text,
  price numeric(10, 2) not null
);
