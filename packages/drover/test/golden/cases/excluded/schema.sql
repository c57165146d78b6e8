create schema legacy;
create table legacy.orders (id integer primary key, state text, total numeric(10, 2) not null);

create schema app;
create table app.orders (id integer primary key, total numeric(10, 2) not null);
