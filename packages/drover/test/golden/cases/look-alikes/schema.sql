create schema legacy;
create table legacy.bookings (id integer primary key, branch text not null, day date not null, amount text not null, receipt text, sheet text, changed timestamp not null);

create schema app;
create table app.bookings (id integer primary key, branch text not null, day date not null, amount numeric not null, receipt text, sheet text);
