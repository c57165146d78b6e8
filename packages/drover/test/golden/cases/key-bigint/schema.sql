create schema legacy;
create table legacy.events (id bigint primary key, parent bigint, what text not null);

create schema app;
create table app.events (id bigint primary key, what text not null);
create table app.links (id bigint primary key, parent bigint not null references app.events);
