create schema legacy;
create table legacy.customers (
  id text primary key,
  name text not null,
  city text,
  created_at timestamp not null
);
create table legacy.visits (clinic text, day date, note text not null, primary key (clinic, day));

create schema app;
create table app.customers (id uuid primary key, name text not null, city text);
create table app.visits (id uuid primary key, note text not null);
