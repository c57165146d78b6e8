create schema legacy;
create table legacy.customers (id integer primary key, email text not null, name text, phone text, city text);

create schema app;
create table app.customers (id integer primary key, email text not null, name text, phone text, city text);
