create schema legacy;
create table legacy.users (id integer primary key, name text, password_hash text, api_key text, created text not null);
create table legacy.devices (id integer primary key, pin text, owner text);

create schema app;
create table app.users (id integer primary key, name text not null, password_hash text not null, key_length integer, created date not null);
create table app.devices (owner text primary key, pins bigint not null);
