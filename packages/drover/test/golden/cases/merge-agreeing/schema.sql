create schema legacy;
create table legacy.readings (id integer primary key, meter text not null, taken date not null, value text not null, note text, changed timestamp not null);
create table legacy.remarks (id integer primary key, reading_id integer);

create schema app;
create table app.readings (id integer primary key, meter text not null, taken date not null, value numeric not null, note text, unique (meter, taken));
create table app.remarks (id integer primary key, reading_id integer);
