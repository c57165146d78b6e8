create schema legacy;
create table legacy.events (id text primary key, at timestamp not null, kind text not null);
create table legacy.replies (id integer primary key, event_id text);

create schema app;
create table app.events (id uuid primary key, at timestamptz not null, kind text not null);
create table app.replies (id integer primary key, event_id uuid references app.events);
