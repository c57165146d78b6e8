create schema legacy;
create table legacy.customers (id integer primary key, name text not null);

create schema app;
create table app.customers (id integer primary key, name text not null, slug text not null default '', changes integer not null default 0);
create table app.audit (customer_id integer primary key, what text not null);
create function app.fill_slug() returns trigger language plpgsql as $$
begin
  new.slug := pg_catalog.lower(new.name);
  return new;
end $$;
create function app.note_change() returns trigger language plpgsql as $$
begin
  insert into app.audit values (new.id, tg_op);
  return null;
end $$;
create trigger fill_slug before insert on app.customers for each row execute function app.fill_slug();
create trigger note_change after insert on app.customers for each row execute function app.note_change();
create trigger asleep after insert on app.customers for each row execute function app.note_change();
alter table app.customers disable trigger asleep;
