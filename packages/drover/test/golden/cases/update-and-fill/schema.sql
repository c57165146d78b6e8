create schema legacy;
create table legacy.contacts (id integer primary key, email text not null, phone text, city text, seen date not null);

create schema app;
create table app.contacts (id integer primary key, email text not null unique, phone text, city text, cities jsonb not null default '[]');
