create schema legacy;
create table legacy.orders (id integer primary key, customer text not null, ordered_at timestamp not null, total text not null);

create schema app;
create table app.orders (id integer primary key, customer text not null, day date not null, total numeric(10, 2) not null);
create table app.daily_totals (day date primary key, orders bigint not null, total numeric(12, 2) not null);
