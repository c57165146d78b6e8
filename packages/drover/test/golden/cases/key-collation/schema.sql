create schema legacy;
-- A linguistic collation orders these keys otherwise than their bytes do.
create table legacy.words (word text collate "und-x-icu" primary key);
create table legacy.quotes (word text collate "und-x-icu", line text not null, primary key (word, line));

create schema app;
create table app.words (word text primary key);
create table app.quotes (line text primary key, word text not null references app.words);
