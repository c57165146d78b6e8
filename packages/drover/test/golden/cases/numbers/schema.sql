create schema legacy;
create table legacy.figures (id integer primary key, locale text, amount text, rate text);

create schema app;
create table app.figures (id integer primary key, amount numeric(12, 2), rate numeric(9, 4));
