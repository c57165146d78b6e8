create schema legacy;
create table legacy.products (
  id integer primary key,
  title text not null,
  price numeric(10, 2),
  currency text,
  weight text not null,
  created_at timestamp not null,
  updated_at timestamp not null
);

create schema app;
create table app.products (
  id integer primary key,
  title text not null,
  price numeric(10, 2) not null,
  currency text not null,
  weight numeric(8, 3),
  origin text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
