create extension if not exists "uuid-ossp";

create schema legacy;
create table legacy.customers (id text primary key);

create schema app;
create table app.customers (id uuid primary key, url_id uuid not null, namespaced_id uuid not null);
