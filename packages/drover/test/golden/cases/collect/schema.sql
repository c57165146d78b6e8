create schema legacy;
create table legacy.opening_hours (
  id integer primary key,
  shop text not null,
  weekday integer,
  opens text,
  changed_at timestamp not null
);

create schema app;
create table app.shops (name text primary key, hours jsonb not null, weekdays jsonb not null);
