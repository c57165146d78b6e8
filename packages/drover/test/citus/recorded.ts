import type { Catalog } from '../../src/catalog/catalog.ts'
import type { Distribution } from '../../src/catalog/distribution.ts'

/**
 * Recorded from Citus 12.1.9 on PostgreSQL 15, a coordinator and two workers: app.clinics and app.mv distributed and
 * colocated, app.kinds a reference table, all other tables local.
 */
export const recordedTables = [
  { table: 'app.clinics', partkey: 'id', repmodel: 's', partmethod: 'h', colocation: 1, shards: 32 },
  { table: 'app.mv', partkey: 'clinic_id', repmodel: 's', partmethod: 'h', colocation: 1, shards: 32 },
  { table: 'app.kinds', partkey: null, repmodel: 't', partmethod: 'n', colocation: 2, shards: 1 },
] as const

/** The tables of that cluster, as they are on one server. */
export const clusterTables = `
  create schema app;
  create schema legacy;
  create table legacy.clinics (id text primary key, name text not null);
  create table legacy.mv (id text primary key, clinic_id text not null, kind text, value text, at_ timestamptz not null);
  create table app.clinics (id uuid primary key, name text not null);
  create table app.kinds (id text primary key);
  create table app.local_only (id text primary key, note text);
  create table app.mv (clinic_id uuid not null references app.clinics, id uuid not null, value numeric, at_ timestamptz not null,
    primary key (clinic_id, id));
  create index mv_at_idx on app.mv (at_);`

/** A catalog in which tables are distributed as `by` says, by qualified name. */
export function distribute(catalog: Catalog, by: Readonly<Record<string, Partial<Distribution>>>): Catalog {
  return {
    ...catalog,
    tables: catalog.tables.map((table) => {
      const given = by[`${table.schema}.${table.name}`]
      if (given === undefined) return table
      return { ...table, distribution: { kind: 'distributed', column: null, colocation: 1, shards: 32, ...given } }
    }),
  }
}

/** As recorded. */
export const recorded: Readonly<Record<string, Partial<Distribution>>> = {
  'app.clinics': { column: 'id' },
  'app.mv': { column: 'clinic_id' },
  'app.kinds': { kind: 'reference', colocation: 2, shards: 1 },
}

/** EXPLAIN of three inserts there. */
export const recordedExplains = {
  'pushed down': [
    'Custom Scan (Citus Adaptive)',
    '  Task Count: 32',
    '  Tasks Shown: One of 32',
    '  ->  Task',
    '        Node: host=127.0.0.1 port=57001 dbname=postgres',
    '        ->  Insert on mv_102040 citus_table_alias',
    '              ->  Seq Scan on mv_102040 mv',
    '                    Filter: (clinic_id IS NOT NULL)',
  ],
  repartitioned: [
    'Custom Scan (Citus INSERT ... SELECT)',
    '  INSERT/SELECT method: repartition',
    '  ->  Custom Scan (Citus Adaptive)',
    '        Task Count: 32',
    '        Tasks Shown: One of 32',
    '        ->  Task',
    '              Node: host=127.0.0.1 port=57001 dbname=postgres',
    '              ->  Seq Scan on mv_102040 mv',
  ],
  'through the coordinator': [
    'Custom Scan (Citus INSERT ... SELECT)',
    '  INSERT/SELECT method: pull to coordinator',
    '  ->  Seq Scan on mv v',
  ],
} as const
