-- What the migration must know and the legacy database cannot tell it: settings per clinic and per data source,
-- and the password hashes, which the legacy application left to its auth service.
-- A missing row, and a null in a row, mean the default: America/Chicago and USD; locale en and percent scale 1.
-- (The migration applies these defaults; nothing here does.)

create schema migration_input;

create table migration_input.clinic (
  legacy_id text primary key,
  timezone text,                -- IANA name
  currency text                 -- ISO 4217
);

create table migration_input.source (
  legacy_id text primary key,   -- legacy.data_sources.id
  number_locale text,           -- 'en' (1,234.50) or 'eu' (1.234,50)
  percent_scale numeric         -- 1: 45 means 45 %; 100: 0.45 means 45 %
);

create table migration_input.password (
  legacy_id text primary key,   -- legacy.users.id
  hash text not null            -- bcrypt, argon2i or argon2id, as exported
);
