// Written by `drover types`. Do not edit.
import type {
  Generated,
  bool,
  int4,
  jsonb,
  numeric,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.clinics': {
    id: text
    name: text
    location: text
    status: text
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.column_mappings': {
    id: text
    column_name: text
    transformation_rule: text | null
    data_source_id: text
    metric_definition_id: text
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.dashboards': {
    id: text
    name: text
    is_default: Generated<bool>
    layout_config: jsonb | null
    user_id: text
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.data_sources': {
    id: text
    name: text
    spreadsheet_id: text
    sheet_name: text
    last_synced_at: timestamp | null
    sync_frequency: text
    connection_status: text
    app_script_id: text | null
    access_token: text
    refresh_token: text | null
    expiry_date: timestamp | null
    clinic_id: text
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.goals': {
    id: text
    time_period: text
    start_date: timestamp
    end_date: timestamp
    target_value: text
    metric_definition_id: text
    clinic_id: text | null
    provider_id: text | null
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.metric_definitions': {
    id: text
    name: text
    description: text
    data_type: text
    calculation_formula: text | null
    category: text
    is_composite: bool
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.metric_values': {
    id: text
    date: timestamp
    value: text
    source_type: text
    source_sheet: text | null
    external_id: text | null
    metric_definition_id: text
    clinic_id: text | null
    provider_id: text | null
    data_source_id: text | null
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.providers': {
    id: text
    name: text
    provider_type: text
    status: text
    clinic_id: text
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.users': {
    id: text
    email: text
    name: text
    role: text
    last_login: timestamp | null
    clinic_id: text
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'legacy.widgets': {
    id: text
    widget_type: text
    chart_type: text | null
    position_x: int4
    position_y: int4
    width: int4
    height: int4
    config: jsonb | null
    dashboard_id: text
    metric_definition_id: text | null
    created_at: Generated<timestamp>
    updated_at: timestamp
  }
  'migration_input.clinic': {
    legacy_id: text
    timezone: text | null
    currency: text | null
  }
  'migration_input.password': {
    legacy_id: text
    hash: text
  }
  'migration_input.source': {
    legacy_id: text
    number_locale: text | null
    percent_scale: numeric | null
  }
}
