create schema legacy;
create table legacy.stays (id integer primary key, arrived text, departed text, booked timestamp, paid timestamp, valid_from date not null, valid_until date, open_from timestamp not null, open_until timestamp not null);

create schema app;
create table app.stays (id integer primary key, arrived date, departed date, booked timestamptz, paid timestamptz, valid_from date not null, valid_until date, open_from timestamp not null, open_until timestamp not null);
