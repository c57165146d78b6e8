create schema legacy;
create table legacy.folders (id integer primary key, name text not null, parent_id integer);
create table legacy.files (id integer primary key, folder_id integer not null, name text not null);

create schema app;
create table app.folders (id uuid primary key, name text not null unique, parent_id uuid references app.folders);
create table app.files (id integer primary key, folder text not null, parent text, name text not null);
