create schema legacy;
create table legacy.categories (id text primary key, name text not null, parent_id text);

create schema app;
create table app.categories (id uuid primary key, name text not null, parent_id uuid references app.categories);
