create schema legacy;
-- Two rows fill a block, so that ranges of blocks are several chunks.
create table legacy.documents (id text primary key, folder text, body text not null);
alter table legacy.documents alter column body set storage plain;
create table legacy.folders (name text primary key, parent text);

create schema app;
create table app.folders (name text primary key);
create table app.documents (id text primary key, folder text not null references app.folders, length integer not null);
