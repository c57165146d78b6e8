create schema legacy;
create table legacy.users (id text primary key, email text not null, name text not null);
create table legacy.notes (id integer primary key, author text not null, body text not null);

create schema app;
create table app.accounts (id uuid primary key, email text not null unique, name text, sso boolean not null default false);
create table app.notes (id integer primary key, author uuid not null references app.accounts, body text not null);
