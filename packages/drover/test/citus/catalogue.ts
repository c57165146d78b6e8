import type { TestDatabase } from '../support/postgres.ts'

/** A table as `pg_dist_partition` and `pg_dist_colocation` describe it; `partkey` is the column's name. */
export interface DistributedTable {
  readonly table: string
  readonly partkey: string | null
  readonly repmodel: string
  readonly partmethod: string
  readonly colocation: number
  readonly shards: number
}

/**
 * Gives a database of a plain server the catalogue of a cluster: tables and functions of pg_catalog by the names and
 * columns that Citus gives them. The tables stay what they are; what reads the catalogue takes them for distributed. Of
 * partition keys Citus prints the node; here they are names already.
 */
export async function makeCatalogue(database: TestDatabase, tables: readonly DistributedTable[]): Promise<void> {
  await database.query(`
    set allow_system_table_mods = on;
    create table pg_catalog.pg_dist_partition (
      logicalrelid regclass not null, partmethod "char" not null, partkey text, colocationid int not null, repmodel "char" not null);
    create table pg_catalog.pg_dist_colocation (colocationid int not null, shardcount int not null);
    create table pg_catalog.recovered (at_ timestamptz not null default clock_timestamp());
    create function pg_catalog.column_to_column_name(regclass, text) returns text language sql strict as 'select $2';
    create function pg_catalog.recover_prepared_transactions() returns int language sql volatile as
      'insert into pg_catalog.recovered default values returning 2';
    create function pg_catalog.citus_table_size(regclass) returns bigint language sql as 'select 409600::bigint';
    grant select on pg_catalog.pg_dist_partition, pg_catalog.pg_dist_colocation to public;
    reset allow_system_table_mods`)
  for (const { table, partmethod, partkey, colocation, repmodel } of tables) {
    await database.query(
      `insert into pg_catalog.pg_dist_partition values ('${table}'::regclass, '${partmethod}', ${partkey === null ? 'null' : `'${partkey}'`}, ${colocation}, '${repmodel}')`,
    )
  }
  const groups = new Map(tables.map(({ colocation, shards }) => [colocation, shards]))
  for (const [group, shards] of groups) {
    await database.query(`insert into pg_catalog.pg_dist_colocation values (${group}, ${shards})`)
  }
}
