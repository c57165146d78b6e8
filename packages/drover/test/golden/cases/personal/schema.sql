create schema legacy;
create table legacy.patients (id integer primary key, name text, born text not null, insurance text not null, pin text);

create schema app;
create table app.patients (id integer primary key, name text not null, born date, insurance text);
