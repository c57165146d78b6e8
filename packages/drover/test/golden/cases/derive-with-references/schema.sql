create schema legacy;
create table legacy.teams (id text primary key, name text);
create table legacy.people (id integer primary key, team text, name text not null);

create schema app;
create table app.teams (id uuid primary key, name text not null);
create table app.people (id integer primary key, team_id uuid references app.teams, name text not null);
create table app.team_sizes (team_id uuid primary key references app.teams, name text not null, people bigint not null);
create table app.size_classes (people bigint primary key, teams bigint not null);
