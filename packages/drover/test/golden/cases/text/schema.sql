create schema legacy;
create table legacy.contacts (id integer primary key, name text, email text, zip text, remark text);

create schema app;
create table app.contacts (
  id integer primary key,
  name text not null,
  compared text not null,
  email text,
  zip text,
  remark text
);
