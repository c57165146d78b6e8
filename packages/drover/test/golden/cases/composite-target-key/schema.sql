create schema legacy;
create table legacy.orders (id text primary key);
create table legacy.order_lines (id integer primary key, order_id text not null, position integer not null, article text);

create schema app;
create table app.orders (id uuid primary key);
create table app.order_lines (
  order_id uuid references app.orders,
  position smallint,
  article text,
  primary key (position, order_id)
);
