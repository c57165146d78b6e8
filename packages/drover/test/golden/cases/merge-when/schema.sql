create schema legacy;
create table legacy.stock (id integer primary key, sku text, serial text, place text not null);

create schema app;
create table app.stock (id integer primary key, sku text, serial text unique, place text not null);
