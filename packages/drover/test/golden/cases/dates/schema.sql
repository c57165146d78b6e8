create schema legacy;
create table legacy.people (
  id integer primary key,
  born text,
  hired text,
  paid text not null,
  seen timestamp,
  closed timestamp
);

create schema app;
create table app.people (
  id integer primary key,
  born date,
  hired date,
  paid date not null,
  seen timestamp,
  closed date
);
