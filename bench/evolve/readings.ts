import type { Client } from 'pg'

/** Makes the rows that evolve, once; {@link makeReadings} copies them. */
export async function makePristine(client: Client, rows: number): Promise<void> {
  await client.query(`create schema app;
    create table app.pristine as
    select i as id, '  Reading  ' || i as label, 'Sheet ' as source, (i % 1000)::numeric as value,
      timestamptz '2024-01-01' + i * interval '1 minute' as at, case when i % 3 = 0 then 'note ' || i end as note
    from generate_series(1, ${rows}) as i;`)
}

/** The table anew, without what an earlier round left. */
export async function makeReadings(client: Client): Promise<void> {
  await client.query(`drop schema if exists drover cascade; drop table if exists app.readings;
    create table app.readings (id int primary key, label text not null, source text not null, value numeric not null,
      at timestamptz not null, note text);
    insert into app.readings select * from app.pristine; create index on app.readings (at);`)
  await client.query('vacuum analyze app.readings')
  await client.query('checkpoint')
}
