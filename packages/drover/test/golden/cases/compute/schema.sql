create schema legacy;
create table legacy.accounts (id integer primary key, owner text, token text, seen integer not null);

create schema app;
create table app.accounts (
  id integer primary key,
  owner text not null unique,
  token_sealed bytea not null,
  token_hint text not null,
  checked_at timestamptz
);
