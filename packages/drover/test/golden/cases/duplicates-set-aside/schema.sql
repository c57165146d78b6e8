create schema legacy;
create table legacy.vouchers (code text primary key, amount numeric(8, 2) not null, issued date not null);
create table legacy.redemptions (id integer primary key, code text not null);

create schema app;
create table app.vouchers (code text primary key, amount numeric(8, 2) not null);
create table app.redemptions (id integer primary key, code text not null references app.vouchers);
