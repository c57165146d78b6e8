create schema legacy;
create table legacy.accounts (number numeric(10, 2) primary key);
create table legacy.bookings (id integer primary key, account numeric, whole integer);

create schema app;
create table app.accounts (id integer primary key);
create table app.bookings (id integer primary key, account integer, by_whole integer);
