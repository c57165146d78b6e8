import {
  blankToNull,
  defineMigration,
  derivedUuid,
  type int4,
  type jsonb,
  lowerTrim,
  type numeric,
  oneOf,
  ref,
  required,
  sql,
  type text,
  type timestamptz,
  type uuid,
} from 'drover'

/** A small shop: customers without an address, orders of customers that are not there, a key of two columns. */
export const schema = `
create schema old;
create table old.customers (id int primary key, email text, status text not null);
create table old.orders (id int primary key, customer_id int, total numeric not null, at timestamptz not null);
create table old.lines (order_id int, line int, sku text not null, primary key (order_id, line));
create schema new;
create table new.customers (id uuid primary key, email text not null, status text not null);
create table new.orders (
  id uuid primary key, customer_id uuid not null references new.customers, total numeric not null,
  at timestamptz not null, extra jsonb
);
create table new.lines (order_id uuid not null references new.orders, line int, sku text not null, primary key (order_id, line));`

export const rows = `
insert into old.customers values
  (1, ' Ann@Example.org', 'active'), (2, 'bob@example.org', 'lost'), (3, null, 'active'), (4, '', 'active'), (5, 'eve@example.org', 'active');
insert into old.orders values
  (10, 1, 9.5, '2024-03-01 10:00+01'), (11, 2, 20, '2024-03-02 10:00+01'), (12, 3, 1, '2024-03-03 10:00+01'), (13, 99, 1, '2024-03-04 10:00+01');
insert into old.lines values (10, 1, 'a'), (10, 2, 'b'), (11, 1, 'c'), (12, 1, 'd');`

interface Old {
  'old.customers': { id: int4; email: text | null; status: text }
  'old.orders': { id: int4; customer_id: int4 | null; total: numeric; at: timestamptz }
  'old.lines': { order_id: int4; line: int4; sku: text }
}

interface New {
  'new.customers': { id: uuid; email: text; status: text }
  'new.orders': { id: uuid; customer_id: uuid; total: numeric; at: timestamptz; extra: jsonb | null }
  'new.lines': { order_id: uuid; line: int4; sku: text }
}

const m = defineMigration<Old, New>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

export const customers = m.map('customers', {
  from: (db) => db.selectFrom('old.customers as c'),
  key: ({ c }) => c.id,
  to: 'new.customers',
  columns: ({ c }) => ({
    id: derivedUuid(sql<text>`${c.id}::text`),
    email: required(blankToNull(lowerTrim(c.email))).orQuarantine('no-email'),
    status: oneOf(c.status, ['active', 'gone']).orElse('gone'),
  }),
})

export const orders = m.map('orders', {
  from: (db) => db.selectFrom('old.orders as o'),
  key: ({ o }) => o.id,
  where: ({ o }) => sql<boolean>`${o.total} > 1 or ${o.id} <> 13`,
  to: 'new.orders',
  columns: ({ o }) => ({
    id: derivedUuid(sql<text>`'order ' || ${o.id}`),
    customer_id: required(ref(o.customer_id, customers).orQuarantine()).orQuarantine('no-customer'),
    total: o.total,
    at: o.at,
    extra: sql<jsonb>`jsonb_build_object('was', ${o.id}, 'from', 'shop')`,
  }),
})

const lines = m.map('lines', {
  from: (db) => db.selectFrom('old.lines as l'),
  key: ({ l }) => [l.order_id, l.line],
  to: 'new.lines',
  targetKey: 'line',
  columns: ({ l }) => ({
    order_id: required(ref(l.order_id, orders).orQuarantine()).orQuarantine('no-order'),
    line: l.line,
    sku: l.sku,
  }),
})

export const shop = m.migration([customers, orders, lines])
