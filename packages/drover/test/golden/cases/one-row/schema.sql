create schema legacy;
create table legacy.settings (id boolean primary key check (id), theme text);

create schema app;
create table app.settings (id boolean primary key check (id), theme text not null);
