create schema legacy;
create table legacy.offices (id integer primary key, town text, rent text not null, staff text not null, phone text);

create schema app;
create table app.offices (id integer primary key, town text not null, rent numeric, staff integer not null, phone text);
