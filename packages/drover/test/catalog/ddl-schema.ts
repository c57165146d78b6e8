/**
 * Objects that need each other across kinds, and what a catalog leaves out of its comparison, in statements. `role` is a
 * prefix for the names of roles: they belong to the whole server.
 */
export function tangledSchema(role: string): readonly string[] {
  return [
    `create role ${role}_owner nologin`,
    `create role ${role}_group nologin`,
    `create role "${role} Reader" nologin noinherit bypassrls in role ${role}_group, pg_monitor`,
    `create schema shop`,
    `create schema "Apart"`,
    `create extension hstore schema "Apart"`,

    // Types that hold types; a table's row as a type; checks of a domain by a function that comes later in the alphabet.
    `create type shop.size as enum ('s', 'm', 'l')`,
    `create function shop.zip_is_good(text) returns bool language sql immutable return $1 ~ '^[0-9]+$'`,
    `create domain shop.zip as varchar(5) collate "C" default '0' check (shop.zip_is_good(value))`,
    `create type shop.address as (street text collate "C", zip shop.zip, sizes shop.size[])`,
    `create function shop.distance(date, date) returns float8 language sql immutable return $1 - $2`,
    `create type shop.dates as range (subtype = date, subtype_diff = shop.distance, multirange_type_name = shop.many_dates)`,
    `create type shop.letters as range (subtype = text, collation = "C")`,

    // A default that reads the table itself, a generated column that needs a function, a column of another table's row.
    `create table shop.customers (
      id int8 generated always as identity (sequence name shop."customer ids" start 7 increment 3),
      address shop.address,
      addresses shop.address[],
      open shop.many_dates,
      tags "Apart".hstore,
      zip text generated always as ((address).zip || '!') stored,
      good bool
    ) with (fillfactor = 70)`,
    `create function shop.next_rank() returns int8 language sql stable begin atomic select count(*) from shop.customers; end`,
    `alter table shop.customers add column rank int8 default shop.next_rank()`,
    `alter table shop.customers add primary key (id) with (fillfactor = 60)`,
    `create unlogged table shop.notes (about shop.customers, body text, kept bool default false)`,
    `create function shop.tripled(n int4, by int4 default 3) returns int4 language sql immutable return n * by`,
    `create table shop.products (id serial, price int4, tripled int4 generated always as (shop.tripled(price)) stored)`,
    `create index products_tripled on shop.products (shop.tripled(price), price) with (fillfactor = 80)`,

    // What generated columns and views can need besides functions.
    `create text search dictionary "Apart".plain (template = pg_catalog.simple, stopwords = 'english')`,
    `create text search configuration shop.words (parser = pg_catalog."default")`,
    `alter text search configuration shop.words add mapping for word, asciiword with "Apart".plain, english_stem`,
    `alter table shop.products add words tsvector generated always as (to_tsvector('shop.words', 'the ' || price)) stored`,
    `create function shop.size_of(int4) returns shop.size language sql immutable return case when $1 > 9 then 'l' else 's' end::shop.size`,
    `create cast (int4 as shop.size) with function shop.size_of(int4) as assignment`,
    `create cast (shop.size as "char") with inout`,
    `create aggregate shop.joined(text, text) (sfunc = string_agg_transfn, stype = internal, finalfunc = string_agg_finalfn, parallel = safe)`,
    `create aggregate shop.rows(*) (sfunc = int8inc, stype = int8, initcond = '0')`,
    `create view shop.a_joined as select shop.joined(zip, ', ') as zips, shop.rows(*) as n from shop.customers`,

    // Functions that need views, and views that need keys, functions and each other against the alphabet.
    `create view shop.z_names with (security_barrier) as
      select c.id, c.zip, count(*) as n from shop.customers c group by c.id`,
    `create view shop.a_names as select z.id, z.zip, shop.tripled(1) as three from shop.z_names z`,
    `create function shop.find(int8) returns setof shop.a_names language sql stable
      begin atomic select * from shop.a_names where id = $1; end`,
    `create materialized view shop.b_found as select f.* from shop.customers c, shop.find(c.id) f`,
    `create unique index b_found_id on shop.b_found (id)`,
    `create materialized view shop.a_empty as select 1 as one with no data`,
    `create function shop.later() returns int4 language plpgsql as $$ begin return (select n from shop.nowhere); end $$`,
    `create procedure shop.tidy(inout n int4) language plpgsql as $$ begin n := n + 1; end $$`,
    `alter table shop.products add check (shop.tripled(price) < 1000) no inherit`,

    // Partitions whose columns lie in another order, whose keys bear other names and whose triggers are in other states.
    `create table shop.orders (id int8, at date, customer int8 references shop.customers, primary key (id, at)) partition by range (at)`,
    `create table shop.orders_2024 (gone int4, at date not null default '2024-05-05', customer int8, id int8 not null)`,
    `alter table shop.orders_2024 drop column gone`,
    `alter table shop.orders_2024 add constraint "another key" primary key (id, at)`,
    `alter table shop.orders_2024 add constraint "another reference" foreign key (customer) references shop.customers`,
    `alter table shop.orders attach partition shop.orders_2024 for values from ('2024-01-01') to ('2025-01-01')`,
    `create table shop.orders_rest partition of shop.orders default`,
    `create index orders_customer on shop.orders (customer)`,
    `alter index shop.orders_rest_customer_idx rename to "rest by customer"`,
    `create index orders_lonely on only shop.orders (at)`,
    `create function shop.touch() returns trigger language plpgsql as $$ begin return new; end $$`,
    `create trigger touch before insert on shop.orders for each row execute function shop.touch()`,
    `alter table shop.orders_rest disable trigger touch`,
    `create trigger instead instead of insert on shop.a_names for each row execute function shop.touch()`,
    `create table shop.heirs (extra int4) inherits (shop.products, shop.notes)`,
    `alter table shop.heirs alter column kept set default true`,

    // Rights and owners.
    `create function shop.secret() returns int4 language sql security definer set search_path = '' return 1`,
    `revoke all on function shop.secret() from public`,
    `grant execute on function shop.secret() to "${role} Reader" with grant option`,
    `grant usage on schema shop to "${role} Reader"`,
    `grant create on schema shop to ${role}_owner`,
    `grant select, insert on shop.products to "${role} Reader"`,
    `grant update (price) on shop.products to public`,
    `grant usage on sequence shop.products_id_seq to public`,
    `revoke usage on type shop.size from public`,
    `revoke usage on type shop.zip from public`,
    `revoke usage on type shop.address from public`,
    `create sequence shop.free as int2 increment -1 cycle`,
    `revoke delete on shop.notes from current_user`,
    ...['table shop.products', 'table shop.a_empty', 'sequence shop.free', 'type shop.size', 'type shop.address'].map(
      (object) => `alter ${object} owner to ${role}_owner`,
    ),
    `alter domain shop.zip owner to ${role}_owner`,
    `alter type shop.dates owner to ${role}_owner`,
    `alter function shop.secret() owner to ${role}_owner`,
    `alter procedure shop.tidy(int4) owner to ${role}_owner`,
    `alter schema "Apart" owner to ${role}_owner`,
    `alter table shop.customers enable row level security`,
    `create policy own on shop.customers to "${role} Reader", ${role}_group
      using (id in (select n.n from shop.a_names a, lateral (select a.three) n(n)) or good)`,
    `revoke all on schema public from public`,
    `alter aggregate shop.joined(text, text) owner to ${role}_owner`,
  ]
}
