import type { Query } from './query.ts'
import { targetId } from './target-id.ts'

/** A JSON document of the target. */
export type Document = Readonly<Record<string, unknown>>

/** What layouts and configurations must hold once the ids in them are those of the target; those of loaded rows. */
export interface Documents {
  readonly dashboards: Readonly<Record<string, Document>>
  readonly widgets: Readonly<Record<string, Document>>
}

export async function readDocuments(query: Query): Promise<Documents> {
  const definition = (id: unknown) => targetId('metric_definitions', String(id))
  const layouts = await query(
    `select id, layout_config as document from legacy.dashboards where user_id in (select id from legacy.users)`,
  )
  const configs = await query(
    `select widget.id, config as document from legacy.widgets as widget
    join legacy.dashboards as dashboard on dashboard.id = widget.dashboard_id
    where dashboard.user_id in (select id from legacy.users)`,
  )
  return {
    dashboards: byId(layouts, ({ pinned, ...rest }) => ({
      ...rest,
      ...(pinned !== undefined && { pinned: (pinned as readonly unknown[]).map(definition) }),
    })),
    widgets: byId(configs, ({ metricDefinitionId, ...rest }) => ({
      ...rest,
      ...(metricDefinitionId !== undefined && { metricDefinitionId: definition(metricDefinitionId) }),
    })),
  }
}

function byId(
  rows: readonly Readonly<Record<string, unknown>>[],
  rewrite: (document: Document) => Document,
): Record<string, Document> {
  return Object.fromEntries(
    rows
      .map(({ id, document }) => [String(id), rewrite((document ?? {}) as Document)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  )
}
