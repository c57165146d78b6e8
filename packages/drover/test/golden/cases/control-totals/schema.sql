create schema legacy;
create table legacy.invoices (id integer primary key, number text, clinic text not null, day date, state text, amount text);

create schema app;
create table app.invoices (id integer primary key, clinic text not null, day date not null, amount numeric(10, 2));
create table app.clinics (id text primary key, owner text, amount numeric(10, 2) not null, invoices bigint not null);
