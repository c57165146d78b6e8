create schema legacy;
create table legacy.order_lines (
  order_no integer,
  line_no integer,
  article text not null,
  primary key (order_no, line_no)
);
create table legacy.shipments (id integer primary key, order_no integer, line_no integer, sent_on date not null);

create schema app;
create table app.order_lines (id uuid primary key, article text not null);
create table app.shipments (
  id integer primary key,
  order_line_id uuid references app.order_lines,
  sent_on date not null
);
