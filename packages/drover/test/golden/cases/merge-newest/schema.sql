create schema legacy;
create table legacy.prices (id integer primary key, sku text, price numeric(8, 2) not null, valid_from date);

create schema app;
create table app.prices (id integer primary key, sku text unique, price numeric(8, 2) not null);
