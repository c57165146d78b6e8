create schema legacy;
create table legacy.staff (id integer primary key, name text not null);
create table legacy.guests (id integer primary key, nick text not null);

create schema app;
create table app.people (id uuid primary key, kind text not null, name text not null);
create table app.seats (number integer primary key, person uuid references app.people);
create table legacy.seats (number integer primary key, staff_id integer, guest_id integer);
