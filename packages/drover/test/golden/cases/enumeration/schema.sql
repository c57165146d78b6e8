create schema legacy;
create table legacy.users (id integer primary key, role text, state text not null);

create schema app;
create type app.user_role as enum ('viewer', 'staff', 'shop_admin');
create table app.users (id integer primary key, role app.user_role not null, state text check (state in ('active', 'locked')));
