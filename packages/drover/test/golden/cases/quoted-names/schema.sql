create schema legacy;
create table legacy."Customer Orders" (
  "Order" text primary key,
  "select" integer,
  "say ""hi""" text,
  "Größe" text,
  "Parent Order" text
);

create schema app;
create table app."Orders" (
  id uuid primary key,
  "from" integer,
  "say ""hi""" text not null,
  "Größe" text,
  "parentId" uuid
);
