create schema legacy;
create table legacy.products (id integer primary key, sku text not null, supplier_id integer);
create table legacy.suppliers (id integer primary key, name text not null, country text);
create table legacy.sales (id integer primary key, sku text not null, pieces integer not null);

create schema app;
create table app.products (id integer primary key, sku text not null, supplier text, sold bigint not null);
