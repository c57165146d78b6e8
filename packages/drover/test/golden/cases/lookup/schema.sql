create schema legacy;
create table legacy.shops (id text primary key, currency text, zone text not null);
create table legacy.sales (id integer primary key, shop_id text, amount text not null, sold_at timestamp not null);

create schema app;
create table app.shops (id uuid primary key, currency text not null, zone text not null);
create table app.sales (
  id integer primary key,
  shop_id uuid references app.shops,
  amount numeric(10, 2) not null,
  currency text not null,
  sold_at timestamptz not null
);
