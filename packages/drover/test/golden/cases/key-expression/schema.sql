create schema legacy;
create table legacy.pages (path text not null, visits integer not null);
create table legacy.links (id integer primary key, path text not null);

create schema app;
create table app.pages (path text primary key, visits integer not null);
create table app.links (id integer primary key, path text references app.pages);
