create schema legacy;
create table legacy.customers (id integer primary key, email text not null, phone text);

create schema app;
create table app.customers (id integer primary key, email text not null, phone text not null);
