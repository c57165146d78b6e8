create schema legacy;
create table legacy.shops (country text, number integer, name text not null, primary key (country, number));
create table legacy.transfers (id integer primary key, from_country text, from_number integer, to_number integer, kind text not null);

create schema app;
create table app.shops (id uuid primary key, name text not null);
create table app.transfers (id integer primary key, from_shop uuid not null references app.shops, to_shop uuid references app.shops);
