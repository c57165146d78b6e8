-- A lending library: the tables it has (schema old), and those it will have (schema new).

create schema old;

create type old.standing as enum ('ok', 'warned', 'barred');

create table old.readers (
  id serial primary key,
  name text not null,
  email text,
  standing old.standing not null default 'ok',
  interests text[],
  joined timestamp not null
);

create table old.subjects (
  id integer primary key,
  title text not null,
  parent integer references old.subjects
);

create table old.books (
  id serial primary key,
  isbn text,
  title text not null,
  authors text[] not null,
  subject integer references old.subjects,
  price text
);

-- The third copy of the seventh book.
create table old.copies (
  book integer references old.books,
  number smallint,
  bought date,
  shelf text,
  primary key (book, number)
);

create table old.loans (
  id serial primary key,
  reader integer references old.readers,
  book integer not null,
  number smallint not null,
  taken timestamp not null,
  returned timestamp,
  foreign key (book, number) references old.copies
);

create schema new;

create type new.standing as enum ('ok', 'warned', 'barred');

create table new.readers (
  id uuid primary key,
  name text not null,
  email text not null,
  standing new.standing not null,
  interests text[] not null,
  joined_at timestamptz not null,
  newsletter boolean not null default false
);

create table new.subjects (
  id uuid primary key,
  title text not null,
  parent_id uuid references new.subjects
);

create table new.books (
  id uuid primary key,
  isbn text unique,
  title text not null,
  authors text[] not null,
  language text not null,
  subject_id uuid references new.subjects,
  price numeric(8, 2)
);

create table new.copies (
  id uuid primary key,
  book_id uuid not null references new.books,
  number smallint not null,
  bought date,
  unique (book_id, number)
);

create table new.loans (
  id uuid primary key,
  reader_id uuid not null references new.readers,
  copy_id uuid not null references new.copies,
  taken_at timestamptz not null,
  returned_at timestamptz
);

insert into old.readers (name, email, standing, interests, joined)
select 'Reader ' || n,
  case when n % 50 <> 0 then 'reader' || n || '@example.org' end,
  (enum_range(null::old.standing))[1 + n % 3],
  case when n % 4 <> 0 then array['history', 'sea'] end,
  timestamp '2015-03-01 09:30' + n * interval '3 hours'
from generate_series(1, 500) as n;

insert into old.subjects (id, title, parent)
select n, 'Subject ' || n, nullif(n / 3, 0)
from generate_series(1, 40) as n;

insert into old.books (isbn, title, authors, subject, price)
select '978-' || lpad(n::text, 9, '0'),
  'Book ' || n,
  array['Author ' || n % 70, 'Author ' || n % 11],
  1 + n % 40,
  case when n % 100 = 0 then 'a gift' else (n % 60)::text || '.50' end
from generate_series(1, 300) as n;

insert into old.copies (book, number, bought, shelf)
select book, number, date '2016-01-01' + book, 'S' || book % 20
from generate_series(1, 300) as book, generate_series(1, 3) as number;

insert into old.loans (reader, book, number, taken, returned)
select case when n % 200 <> 0 then 1 + n % 500 end,
  1 + n % 300,
  1 + n % 3,
  timestamp '2020-01-01 10:00' + n * interval '7 hours',
  case when n % 9 <> 0 then timestamp '2020-01-01 10:00' + n * interval '7 hours' + interval '20 days' end
from generate_series(1, 4000) as n;
