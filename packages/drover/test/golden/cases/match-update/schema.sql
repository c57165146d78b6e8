create schema legacy;
create table legacy.articles (id integer primary key, sku text not null, title text, price text not null, tags text);

create schema app;
create table app.articles (
  id bigint generated always as identity primary key,
  sku text not null unique,
  title text,
  price numeric(8, 2) not null,
  tags json,
  origin text not null default 'app',
  label text generated always as (sku || ': ' || title) stored
);
