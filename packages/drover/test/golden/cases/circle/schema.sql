create schema legacy;
create table legacy.teams (id integer primary key, lead integer);
create table legacy.people (id integer primary key, team integer, name text);

create schema app;
create table app.teams (id integer primary key, lead integer);
create table app.people (id integer primary key, team integer not null references app.teams, name text not null);
alter table app.teams add foreign key (lead) references app.people;
