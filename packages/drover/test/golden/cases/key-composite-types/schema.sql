create schema legacy;
create type legacy.shift as enum ('night', 'day', 'afternoon');
create table legacy.rosters (day date, shift legacy.shift, place text, person text, primary key (day, shift, place));

create schema app;
create table app.rosters (day date, shift text, place text, person text, primary key (day, shift, place));
