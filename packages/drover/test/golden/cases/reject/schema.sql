create schema legacy;
create table legacy.members (id integer primary key, name text not null, email text not null);
create table legacy.payments (id integer primary key, member_id integer, amount text not null, locale text, paid_on text not null);

create schema app;
create table app.members (id integer primary key, name text not null, email text not null);
create table app.payments (id integer primary key, member_id integer not null, amount numeric not null, paid_on date not null);
