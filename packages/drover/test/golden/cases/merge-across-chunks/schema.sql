create schema legacy;
create table legacy.tags (id integer primary key, label text not null, used integer not null);
create table legacy.uses (id integer primary key, tag_id integer not null);

create schema app;
create table app.tags (id integer primary key, label text not null unique);
create table app.uses (id integer primary key, tag_id integer not null references app.tags);
