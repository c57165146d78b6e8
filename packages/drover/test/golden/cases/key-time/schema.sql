create schema legacy;
create table legacy.readings (at timestamptz primary key, previous timestamptz, value integer not null);
create table legacy.days (day date primary key, first_at timestamptz);

create schema app;
create table app.readings (at timestamptz primary key, value integer not null);
create table app.days (day date primary key, first_at timestamptz references app.readings);
