create schema legacy;
create table legacy.users (id text primary key, email text, name text not null, created_at date not null);
create table legacy.notes (id integer primary key, author text not null);

create schema app;
create table app.accounts (id uuid primary key, email text not null unique, name text not null);
create table app.notes (id integer primary key, author uuid not null references app.accounts);
