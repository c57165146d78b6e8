create schema legacy;
create table legacy.clinics (id text primary key, name text, email text);
create table legacy.metrics (id integer primary key, name text);
create table legacy.boards (id integer primary key, layout jsonb, filter jsonb);

create schema app;
create table app.clinics (id uuid primary key, name text not null, email text unique);
create table app.metrics (id bigint primary key, name text not null);
create table app.boards (id integer primary key, layout jsonb, filter jsonb);
