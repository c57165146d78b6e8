import type { Client } from 'pg'

/** How many partitions there are, a default one that holds rows and one that holds none among them. */
export const partitionCount = 200

/**
 * Makes the events that are carried, once as a table and once in partitions: the first holds a third of the rows, the next
 * ones less and less, and most of them few. About one event in a hundred cannot be carried.
 */
export async function makeEvents(client: Client, rows: number): Promise<void> {
  await client.query(`create schema old;
    create schema new;
    create table old.devices (id int primary key, name text not null);
    insert into old.devices select i, 'Device ' || i from generate_series(1, 1000) as i;
    create table old.whole (id bigint not null, place int not null, device int, reading text, kind text not null,
      at timestamp not null, note text, primary key (id, place));
    create table old.parted (like old.whole including all) partition by list (place);
    create table old.parted_rest partition of old.parted default;`)
  for (let place = 1; place < partitionCount; place += 1) {
    await client.query(`create table old.parted_${place} partition of old.parted for values in (${place})`)
  }
  await client.query(`insert into old.whole
    select i, case when i % 3 = 0 then 1 when i % 3 = 1 then 2 + i / 3 % 8 when i % 1000 = 2 then 1000 else 10 + i / 3 % 180 end,
      1 + i % 1000, case when i % 101 = 0 then 'none' else (i % 9973) || '.25' end,
      (array['Temperature', 'humidity', ' PRESSURE '])[1 + i % 3], timestamp '2024-01-01' + i * interval '1 second',
      case when i % 4 = 0 then 'note ' || i end
    from generate_series(1, ${rows}) as i`)
  await client.query('insert into old.parted select * from old.whole')
  await client.query('vacuum analyze')
}

/** The target anew, without what an earlier round left. */
export async function makeTarget(client: Client): Promise<void> {
  await client.query(`drop schema if exists drover cascade;
    drop table if exists new.readings, new.devices;
    create table new.devices (id uuid primary key, name text not null);
    create table new.readings (id uuid primary key, device_id uuid not null references new.devices, value numeric not null,
      kind text not null, at timestamptz not null, note text);
    create index on new.readings (device_id);`)
  await client.query('checkpoint')
}
