create schema legacy;
create table legacy.users (
  id integer primary key,
  email text not null,
  verified boolean,
  last_login timestamp,
  created_at timestamp not null
);

create schema app;
create table app.users (id integer primary key, email text not null unique);
