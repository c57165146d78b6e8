create schema legacy;
create table legacy.shares (id integer primary key, title text);
create table legacy.views (id integer primary key, share_id integer);

create schema app;
create table app.shares (
  id uuid primary key,
  link text not null,
  token uuid not null,
  title text not null,
  check (link = '/shares/' || id),
  check (token <> id)
);
create table app.views (id integer primary key, share_id uuid references app.shares);
