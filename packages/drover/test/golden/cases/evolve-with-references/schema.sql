create schema legacy;
create table legacy.countries (id integer primary key, iso text not null);

create schema app;
create table app.countries (code text primary key);
create table app.customers (
  id integer,
  shop text,
  country_id integer,
  country text references app.countries,
  primary key (shop, id)
);
