-- The legacy foreign keys ("strict"): load after legacy-tables.sql, and after the rows if there are many, since adding
-- a key checks a table at once and faster than row by row. A required parent is restricted, an optional one set to
-- null; names are Prisma's.

alter table legacy.users
  add constraint users_clinic_id_fkey
    foreign key (clinic_id) references legacy.clinics (id) on update cascade on delete restrict;

alter table legacy.providers
  add constraint providers_clinic_id_fkey
    foreign key (clinic_id) references legacy.clinics (id) on update cascade on delete restrict;

alter table legacy.data_sources
  add constraint data_sources_clinic_id_fkey
    foreign key (clinic_id) references legacy.clinics (id) on update cascade on delete restrict;

alter table legacy.column_mappings
  add constraint column_mappings_data_source_id_fkey
    foreign key (data_source_id) references legacy.data_sources (id) on update cascade on delete restrict,
  add constraint column_mappings_metric_definition_id_fkey
    foreign key (metric_definition_id) references legacy.metric_definitions (id) on update cascade on delete restrict;

alter table legacy.metric_values
  add constraint metric_values_metric_definition_id_fkey
    foreign key (metric_definition_id) references legacy.metric_definitions (id) on update cascade on delete restrict,
  add constraint metric_values_clinic_id_fkey
    foreign key (clinic_id) references legacy.clinics (id) on update cascade on delete set null,
  add constraint metric_values_provider_id_fkey
    foreign key (provider_id) references legacy.providers (id) on update cascade on delete set null,
  add constraint metric_values_data_source_id_fkey
    foreign key (data_source_id) references legacy.data_sources (id) on update cascade on delete set null;

alter table legacy.goals
  add constraint goals_metric_definition_id_fkey
    foreign key (metric_definition_id) references legacy.metric_definitions (id) on update cascade on delete restrict,
  add constraint goals_clinic_id_fkey
    foreign key (clinic_id) references legacy.clinics (id) on update cascade on delete set null,
  add constraint goals_provider_id_fkey
    foreign key (provider_id) references legacy.providers (id) on update cascade on delete set null;

alter table legacy.dashboards
  add constraint dashboards_user_id_fkey
    foreign key (user_id) references legacy.users (id) on update cascade on delete restrict;

alter table legacy.widgets
  add constraint widgets_dashboard_id_fkey
    foreign key (dashboard_id) references legacy.dashboards (id) on update cascade on delete restrict,
  add constraint widgets_metric_definition_id_fkey
    foreign key (metric_definition_id) references legacy.metric_definitions (id) on update cascade on delete set null;
