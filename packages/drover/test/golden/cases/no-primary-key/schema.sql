create schema legacy;
create table legacy.log (id integer, at timestamp, line text);

create schema app;
create table app.log (id integer primary key, line text not null);
