create schema legacy;
create table legacy.bookings (id integer primary key, room text not null, starts timestamp not null, ends timestamp not null, guests text not null);

create schema app;
create table app.bookings (
  id integer primary key,
  room varchar(6) not null,
  starts timestamp not null,
  ends timestamp not null,
  guests smallint not null,
  constraint bookings_in_order check (starts < ends)
);
