create schema legacy;
create table legacy.readings (
  id bigint primary key,
  value double precision,
  pulses bigint,
  total numeric,
  price text
);

create schema app;
create table app.readings (
  id integer primary key,
  value numeric(8, 2),
  pulses smallint,
  total bigint,
  price numeric(8, 2)
);
