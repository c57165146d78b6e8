create schema legacy;
create table legacy.sessions (id uuid primary key, previous uuid, agent text);

create schema app;
create table app.sessions (id uuid primary key, agent text);
create table app.continuations (id uuid primary key references app.sessions, previous uuid not null references app.sessions);
