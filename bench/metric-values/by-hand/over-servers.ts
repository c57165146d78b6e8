import { withClient } from '../../harness/server.ts'
import { copyThroughPipe } from '../../tools/copy-pipe.ts'
import { selectFitting } from './chunk.ts'
import { loadParents } from './parents.ts'
import { addForeignKeys, adoptPrimaryKey, dropIndexes, indexes } from './rebuild.ts'

/**
 * The floor from one server to another: the source transforms what it sends. Its small tables get their new ids there, in
 * schemas that are taken away again.
 */
export async function transformAtSource(source: string, target: string): Promise<void> {
  const query = await withClient(source, async (client) => {
    await client.query('drop schema if exists app, hand cascade')
    await client.query(`create schema app;
      create table app.clinics (id uuid, name text);
      create table app.providers (id uuid, name text, clinic_id uuid);
      create table app.metric_definitions (id uuid, name text);
      create table app.data_sources (id uuid, name text);`)
    await client.query(loadParents)
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    return selectFitting(rows[0]!.version)
  })
  await withClient(target, (client) => client.query(dropIndexes))
  for (const table of ['app.clinics', 'app.providers', 'app.metric_definitions', 'app.data_sources']) {
    await copyThroughPipe({ source, target, from: table, to: table })
  }
  await copyThroughPipe({ source, target, from: `(${query})`, to: 'app.metric_values' })
  const { notUnique, primaryKey, clinic, definition } = indexes
  await Promise.all(
    [
      [notUnique, definition],
      [primaryKey, clinic],
    ].map((statements) =>
      withClient(target, async (client) => {
        for (const statement of statements) await client.query(statement)
      }),
    ),
  )
  await withClient(target, async (client) => {
    for (const statement of [adoptPrimaryKey, ...addForeignKeys, 'analyze app.metric_values']) {
      await client.query(statement)
    }
  })
  await withClient(source, (client) => client.query('drop schema app, hand cascade'))
}
