create schema legacy;
create table legacy.things (id text primary key, next text);

create schema app;
create table app.things (id uuid primary key, name text not null unique, next uuid references app.things);
