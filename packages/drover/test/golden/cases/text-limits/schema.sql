create schema legacy;
create table legacy.articles (id integer primary key, title text not null, code text not null, remark text);

create schema app;
create table app.articles (id integer primary key, title varchar(12) not null, code varchar(6) not null, remark varchar(3));
