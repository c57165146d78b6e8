-- What the migration computes ids with, where Supabase keeps it too.
create schema if not exists extensions;
create extension if not exists "uuid-ossp" schema extensions;
