create schema legacy;
create table legacy.lines (id integer primary key, receipt text not null, article text, price numeric(8, 2));

create schema app;
create table app.receipts (receipt text primary key, articles text[] not null, total numeric(10, 2) not null);
