create schema legacy;
create table legacy.customers (id integer primary key, email text, test boolean not null);
create table legacy.logins (id integer primary key, customer_id integer, at date not null);

create schema app;
create table app.customers (id integer primary key, email text not null unique);
create table app.logins (id integer primary key, customer_id integer references app.customers, became text, at date not null);
