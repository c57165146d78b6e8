create schema legacy;
create table legacy.countries (number integer primary key, iso text not null, name text not null);
create table legacy.addresses (id integer primary key, city text not null, country integer);

create schema app;
create table app.countries (code text primary key, name text not null);
create table app.addresses (id integer primary key, city text not null, country text references app.countries);
