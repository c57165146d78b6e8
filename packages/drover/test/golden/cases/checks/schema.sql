create schema legacy;
create table legacy.shops (
  id text primary key,
  city text not null
);
create table legacy.sales (
  id text primary key,
  shop text not null,
  amount text not null,
  sold_on date not null
);

create schema app;
create table app.shops (
  id uuid primary key,
  city text not null
);
create table app.sales (
  id uuid primary key,
  shop_id uuid not null references app.shops,
  amount numeric(10, 2) not null,
  sold_on date not null
);
