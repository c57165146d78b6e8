// Written by drizzle-kit 0.31.11 (introspect) with drizzle-orm 0.45.4 for sql/target.sql of examples/dental-clinic and
// ../kinds.sql. Mended where drizzle-kit asks for it or writes what does not compile: the types that it calls unknown
// (bytea, tstzrange, a domain, an array of an enum), the default '' and the default of an empty array.

import { pgTable, pgSchema, uniqueIndex, unique, check, uuid, varchar, timestamp, smallint, jsonb, boolean, text, index, foreignKey, pgPolicy, integer, date, numeric, bigint, serial, real, doublePrecision, char, time, interval, json, inet, primaryKey, pgEnum, customType } from "drizzle-orm/pg-core"
import { sql } from "drizzle-orm"

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" })
const tstzrange = customType<{ data: string }>({ dataType: () => "tstzrange" })

export const auth = pgSchema("auth");
export const billing = pgSchema("billing");
export const roundingInBilling = billing.enum("rounding", ['half up', 'half even'])
export const chartType = pgEnum("chart_type", ['line', 'bar', 'pie', 'area', 'doughnut', 'scatter'])
export const clinicStatus = pgEnum("clinic_status", ['active', 'inactive'])
export const connectionStatus = pgEnum("connection_status", ['pending', 'active', 'paused', 'error', 'disconnected'])
export const credentialStatus = pgEnum("credential_status", ['active', 'expired', 'needs_reauth', 'revoked'])
export const dashboardVisibility = pgEnum("dashboard_visibility", ['private', 'clinic'])
export const goalDirection = pgEnum("goal_direction", ['at_least', 'at_most'])
export const goalPeriod = pgEnum("goal_period", ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'])
export const goalStatus = pgEnum("goal_status", ['active', 'paused', 'completed', 'cancelled'])
export const memberRole = pgEnum("member_role", ['viewer', 'staff', 'provider', 'clinic_admin'])
export const metricCategory = pgEnum("metric_category", ['financial', 'patient', 'appointment', 'provider', 'treatment'])
export const metricDataType = pgEnum("metric_data_type", ['currency', 'percentage', 'integer', 'decimal', 'date'])
export const metricRollup = pgEnum("metric_rollup", ['sum', 'avg', 'last', 'none'])
export const profileStatus = pgEnum("profile_status", ['active', 'invited', 'disabled'])
export const providerType = pgEnum("provider_type", ['dentist', 'hygienist', 'specialist', 'other'])
export const sourceKind = pgEnum("source_kind", ['spreadsheet', 'form', 'manual'])
export const syncFrequency = pgEnum("sync_frequency", ['manual', 'hourly', 'daily', 'weekly', 'monthly'])
export const valueQuality = pgEnum("value_quality", ['exact', 'normalised', 'corrected', 'derived'])
export const widgetType = pgEnum("widget_type", ['chart', 'counter', 'table'])


export const usersInAuth = auth.table("users", {
	instanceId: uuid("instance_id"),
	id: uuid().primaryKey().notNull(),
	aud: varchar({ length: 255 }),
	role: varchar({ length: 255 }),
	email: varchar({ length: 255 }),
	encryptedPassword: varchar("encrypted_password", { length: 255 }),
	emailConfirmedAt: timestamp("email_confirmed_at", { withTimezone: true, mode: 'string' }),
	invitedAt: timestamp("invited_at", { withTimezone: true, mode: 'string' }),
	confirmationToken: varchar("confirmation_token", { length: 255 }),
	confirmationSentAt: timestamp("confirmation_sent_at", { withTimezone: true, mode: 'string' }),
	recoveryToken: varchar("recovery_token", { length: 255 }),
	recoverySentAt: timestamp("recovery_sent_at", { withTimezone: true, mode: 'string' }),
	emailChangeTokenNew: varchar("email_change_token_new", { length: 255 }),
	emailChange: varchar("email_change", { length: 255 }),
	emailChangeSentAt: timestamp("email_change_sent_at", { withTimezone: true, mode: 'string' }),
	emailChangeTokenCurrent: varchar("email_change_token_current", { length: 255 }).default(''),
	emailChangeConfirmStatus: smallint("email_change_confirm_status").default(0),
	lastSignInAt: timestamp("last_sign_in_at", { withTimezone: true, mode: 'string' }),
	rawAppMetaData: jsonb("raw_app_meta_data"),
	rawUserMetaData: jsonb("raw_user_meta_data"),
	isSuperAdmin: boolean("is_super_admin"),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }),
	phone: text(),
	phoneConfirmedAt: timestamp("phone_confirmed_at", { withTimezone: true, mode: 'string' }),
	phoneChange: text("phone_change").default(''),
	phoneChangeToken: varchar("phone_change_token", { length: 255 }).default(''),
	confirmedAt: timestamp("confirmed_at", { withTimezone: true, mode: 'string' }).generatedAlwaysAs(sql`LEAST(email_confirmed_at, phone_confirmed_at)`),
	bannedUntil: timestamp("banned_until", { withTimezone: true, mode: 'string' }),
	reauthenticationToken: varchar("reauthentication_token", { length: 255 }).default(''),
	isSsoUser: boolean("is_sso_user").default(false).notNull(),
	deletedAt: timestamp("deleted_at", { withTimezone: true, mode: 'string' }),
	isAnonymous: boolean("is_anonymous").default(false).notNull(),
}, (table) => [
	uniqueIndex("users_email_partial_key").using("btree", table.email.asc().nullsLast().op("text_ops")).where(sql`(NOT is_sso_user)`),
	unique("users_phone_key").on(table.phone),
	check("users_email_change_confirm_status_check", sql`(email_change_confirm_status >= 0) AND (email_change_confirm_status <= 2)`),
]);

export const identitiesInAuth = auth.table("identities", {
	id: uuid().defaultRandom().primaryKey().notNull(),
	providerId: text("provider_id").notNull(),
	userId: uuid("user_id").notNull(),
	identityData: jsonb("identity_data").notNull(),
	provider: text().notNull(),
	lastSignInAt: timestamp("last_sign_in_at", { withTimezone: true, mode: 'string' }),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }),
	email: text().generatedAlwaysAs(sql`lower((identity_data ->> 'email'::text))`),
}, (table) => [
	index("identities_user_id_idx").using("btree", table.userId.asc().nullsLast().op("uuid_ops")),
	foreignKey({
			columns: [table.userId],
			foreignColumns: [usersInAuth.id],
			name: "identities_user_id_fkey"
		}).onDelete("cascade"),
	unique("identities_provider_id_provider_key").on(table.providerId, table.provider),
]);

export const clinics = pgTable("clinics", {
	id: uuid().primaryKey().notNull(),
	name: text().notNull(),
	locationLabel: text("location_label").notNull(),
	status: clinicStatus().default('active').notNull(),
	timezone: text().notNull(),
	currency: text().default('USD').notNull(),
	registrationCode: text("registration_code"),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	uniqueIndex("clinics_identity_key").using("btree", sql`lower(btrim(name))`, sql`lower(btrim(location_label))`),
	unique("clinics_registration_code_key").on(table.registrationCode),
	pgPolicy("clinics_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("clinics_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	check("clinics_name_check", sql`btrim(name) <> ''::text`),
	check("clinics_currency_check", sql`currency ~ '^[A-Z]{3}$'::text`),
]);

export const profiles = pgTable("profiles", {
	id: uuid().primaryKey().notNull(),
	email: text().notNull(),
	fullName: text("full_name").notNull(),
	isSystemAdmin: boolean("is_system_admin").default(false).notNull(),
	status: profileStatus().default('active').notNull(),
	defaultClinicId: uuid("default_clinic_id"),
	lastLoginAt: timestamp("last_login_at", { withTimezone: true, mode: 'string' }),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	uniqueIndex("profiles_email_key").using("btree", table.email.asc().nullsLast().op("text_ops")),
	foreignKey({
			columns: [table.id],
			foreignColumns: [usersInAuth.id],
			name: "profiles_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.defaultClinicId],
			foreignColumns: [clinics.id],
			name: "profiles_default_clinic_id_fkey"
		}).onDelete("set null"),
	pgPolicy("profiles_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(id = ANY (ARRAY( SELECT app_private.visible_profiles() AS visible_profiles)))` }),
	check("profiles_email_check", sql`email = lower(btrim(email))`),
	check("profiles_full_name_check", sql`btrim(full_name) <> ''::text`),
]);

export const userClinicRoles = pgTable("user_clinic_roles", {
	id: uuid().primaryKey().notNull(),
	userId: uuid("user_id").notNull(),
	clinicId: uuid("clinic_id").notNull(),
	role: memberRole().notNull(),
	isActive: boolean("is_active").default(true).notNull(),
	grantedBy: uuid("granted_by"),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	index("user_clinic_roles_clinic").using("btree", table.clinicId.asc().nullsLast().op("uuid_ops")),
	index("user_clinic_roles_lookup").using("btree", table.userId.asc().nullsLast().op("uuid_ops"), table.clinicId.asc().nullsLast().op("uuid_ops"), table.role.asc().nullsLast().op("uuid_ops")).where(sql`is_active`),
	foreignKey({
			columns: [table.userId],
			foreignColumns: [profiles.id],
			name: "user_clinic_roles_user_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "user_clinic_roles_clinic_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.grantedBy],
			foreignColumns: [profiles.id],
			name: "user_clinic_roles_granted_by_fkey"
		}).onDelete("set null"),
	unique("user_clinic_roles_user_id_clinic_id_key").on(table.userId, table.clinicId),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
]);

export const clinicInvitations = pgTable("clinic_invitations", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	email: text().notNull(),
	role: memberRole().notNull(),
	tokenHash: bytea("token_hash").notNull(),
	invitedBy: uuid("invited_by"),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	expiresAt: timestamp("expires_at", { withTimezone: true, mode: 'string' }).notNull(),
	acceptedAt: timestamp("accepted_at", { withTimezone: true, mode: 'string' }),
	revokedAt: timestamp("revoked_at", { withTimezone: true, mode: 'string' }),
}, (table) => [
	index("clinic_invitations_clinic").using("btree", table.clinicId.asc().nullsLast().op("uuid_ops")),
	uniqueIndex("clinic_invitations_open_key").using("btree", table.clinicId.asc().nullsLast().op("text_ops"), table.email.asc().nullsLast().op("text_ops")).where(sql`((accepted_at IS NULL) AND (revoked_at IS NULL))`),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "clinic_invitations_clinic_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.invitedBy],
			foreignColumns: [profiles.id],
			name: "clinic_invitations_invited_by_fkey"
		}).onDelete("set null"),
	unique("clinic_invitations_token_hash_key").on(table.tokenHash),
	pgPolicy("invitations_admin", { as: "permissive", for: "all", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics('clinic_admin'::member_role) AS my_clinics)))`, withCheck: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics('clinic_admin'::member_role) AS my_clinics)))`  }),
	check("clinic_invitations_email_check", sql`email = lower(btrim(email))`),
	check("clinic_invitations_check", sql`expires_at > created_at`),
]);

export const locations = pgTable("locations", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	name: text().notNull(),
	address: text(),
	isActive: boolean("is_active").default(true).notNull(),
}, (table) => [
	uniqueIndex("locations_name_key").using("btree", sql`clinic_id`, sql`lower(btrim(name))`),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "locations_clinic_id_fkey"
		}).onDelete("cascade"),
	unique("locations_clinic_id_id_key").on(table.id, table.clinicId),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("locations_name_check", sql`btrim(name) <> ''::text`),
]);

export const providers = pgTable("providers", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	fullName: text("full_name").notNull(),
	firstName: text("first_name"),
	lastName: text("last_name"),
	email: text(),
	providerType: providerType("provider_type").notNull(),
	status: clinicStatus().default('active').notNull(),
	userId: uuid("user_id"),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	uniqueIndex("providers_identity_key").using("btree", sql`clinic_id`, sql`lower(btrim(full_name))`, sql`provider_type`),
	index("providers_user").using("btree", table.userId.asc().nullsLast().op("uuid_ops")).where(sql`(user_id IS NOT NULL)`),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "providers_clinic_id_fkey"
		}).onDelete("restrict"),
	foreignKey({
			columns: [table.userId],
			foreignColumns: [profiles.id],
			name: "providers_user_id_fkey"
		}).onDelete("set null"),
	unique("providers_clinic_id_id_key").on(table.id, table.clinicId),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("providers_full_name_check", sql`btrim(full_name) <> ''::text`),
]);

export const googleCredentials = pgTable("google_credentials", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	connectedBy: uuid("connected_by"),
	accessTokenEnc: bytea("access_token_enc"),
	refreshTokenEnc: bytea("refresh_token_enc"),
	keyId: text("key_id").notNull(),
	tokenFingerprint: bytea("token_fingerprint").notNull(),
	scopes: text().array().default([]).notNull(),
	expiresAt: timestamp("expires_at", { withTimezone: true, mode: 'string' }),
	status: credentialStatus().notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "google_credentials_clinic_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.connectedBy],
			foreignColumns: [profiles.id],
			name: "google_credentials_connected_by_fkey"
		}).onDelete("set null"),
	unique("google_credentials_clinic_id_id_key").on(table.id, table.clinicId),
	unique("google_credentials_clinic_id_token_fingerprint_key").on(table.clinicId, table.tokenFingerprint),
	check("google_credentials_check", sql`(status <> 'active'::credential_status) OR (refresh_token_enc IS NOT NULL) OR (access_token_enc IS NOT NULL)`),
]);

export const spreadsheetConnections = pgTable("spreadsheet_connections", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	credentialId: uuid("credential_id"),
	spreadsheetId: text("spreadsheet_id").notNull(),
	name: text().notNull(),
	appScriptId: text("app_script_id"),
	status: connectionStatus().default('pending').notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	index("spreadsheet_connections_credential").using("btree", table.credentialId.asc().nullsLast().op("uuid_ops")).where(sql`(credential_id IS NOT NULL)`),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "spreadsheet_connections_clinic_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.clinicId, table.credentialId],
			foreignColumns: [googleCredentials.id, googleCredentials.clinicId],
			name: "spreadsheet_connections_clinic_id_credential_id_fkey"
		}).onDelete("set null"),
	unique("spreadsheet_connections_clinic_id_id_key").on(table.id, table.clinicId),
	unique("spreadsheet_connections_clinic_id_spreadsheet_id_key").on(table.clinicId, table.spreadsheetId),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("spreadsheet_connections_spreadsheet_id_check", sql`btrim(spreadsheet_id) <> ''::text`),
]);

export const connectionSheets = pgTable("connection_sheets", {
	id: uuid().primaryKey().notNull(),
	connectionId: uuid("connection_id").notNull(),
	clinicId: uuid("clinic_id").notNull(),
	sheetName: text("sheet_name").notNull(),
	label: text().notNull(),
	syncFrequency: syncFrequency("sync_frequency").default('manual').notNull(),
	lastSyncedAt: timestamp("last_synced_at", { withTimezone: true, mode: 'string' }),
}, (table) => [
	foreignKey({
			columns: [table.connectionId, table.clinicId],
			foreignColumns: [spreadsheetConnections.id, spreadsheetConnections.clinicId],
			name: "connection_sheets_clinic_id_connection_id_fkey"
		}).onDelete("cascade"),
	unique("connection_sheets_clinic_id_id_key").on(table.id, table.clinicId),
	unique("connection_sheets_connection_id_sheet_name_key").on(table.connectionId, table.sheetName),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("connection_sheets_sheet_name_check", sql`btrim(sheet_name) <> ''::text`),
]);

export const columnMappings = pgTable("column_mappings", {
	id: uuid().primaryKey().notNull(),
	sheetId: uuid("sheet_id").notNull(),
	clinicId: uuid("clinic_id").notNull(),
	version: integer().default(1).notNull(),
	isActive: boolean("is_active").default(true).notNull(),
	config: jsonb().notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	uniqueIndex("column_mappings_active_key").using("btree", table.sheetId.asc().nullsLast().op("uuid_ops")).where(sql`is_active`),
	index("column_mappings_clinic").using("btree", table.clinicId.asc().nullsLast().op("uuid_ops")),
	foreignKey({
			columns: [table.sheetId, table.clinicId],
			foreignColumns: [connectionSheets.id, connectionSheets.clinicId],
			name: "column_mappings_clinic_id_sheet_id_fkey"
		}).onDelete("cascade"),
	unique("column_mappings_sheet_id_version_key").on(table.sheetId, table.version),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("column_mappings_version_check", sql`version > 0`),
	check("column_mappings_config_check", sql`NOT (jsonb_typeof((config -> 'columns'::text)) IS DISTINCT FROM 'array'::text)`),
]);

export const metricDefinitions = pgTable("metric_definitions", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id"),
	code: text().notNull(),
	name: text().notNull(),
	description: text().default('').notNull(),
	dataType: metricDataType("data_type").notNull(),
	unit: text(),
	category: metricCategory().notNull(),
	rollup: metricRollup().notNull(),
	lowerIsBetter: boolean("lower_is_better").default(false).notNull(),
	isComposite: boolean("is_composite").default(false).notNull(),
	formula: text(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "metric_definitions_clinic_id_fkey"
		}).onDelete("cascade"),
	unique("metric_definitions_clinic_id_code_key").on(table.clinicId, table.code),
	pgPolicy("definitions_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`((clinic_id IS NULL) OR (clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics))))` }),
	check("metric_definitions_code_check", sql`code ~ '^[a-z][a-z0-9_]*$'::text`),
	check("metric_definitions_check", sql`is_composite = (formula IS NOT NULL)`),
]);

export const metricValues = pgTable("metric_values", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	providerId: uuid("provider_id"),
	metricDefinitionId: uuid("metric_definition_id").notNull(),
	metricDate: date("metric_date").notNull(),
	observedAt: timestamp("observed_at", { withTimezone: true, mode: 'string' }).notNull(),
	value: numeric({ precision: 20, scale:  6 }),
	valueDate: date("value_date"),
	source: sourceKind().notNull(),
	sourceSheet: text("source_sheet"),
	externalId: text("external_id"),
	sheetId: uuid("sheet_id"),
	quality: valueQuality().default('exact').notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	uniqueIndex("metric_values_natural_key").using("btree", table.clinicId.asc().nullsLast().op("text_ops"), table.metricDefinitionId.asc().nullsLast().op("text_ops"), table.metricDate.asc().nullsLast().op("uuid_ops"), table.providerId.asc().nullsLast().op("date_ops"), table.sheetId.asc().nullsLast().op("uuid_ops"), table.externalId.asc().nullsLast().op("text_ops")).where(sql`(external_id IS NOT NULL)`),
	index("metric_values_provider").using("btree", table.providerId.asc().nullsLast().op("uuid_ops"), table.metricDate.asc().nullsLast().op("date_ops")).where(sql`(provider_id IS NOT NULL)`),
	index("metric_values_series").using("btree", table.clinicId.asc().nullsLast().op("date_ops"), table.metricDefinitionId.asc().nullsLast().op("date_ops"), table.metricDate.asc().nullsLast().op("date_ops"), table.providerId.asc().nullsLast().op("date_ops"), table.value.asc().nullsLast().op("uuid_ops")),
	index("metric_values_sheet").using("btree", table.sheetId.asc().nullsLast().op("timestamptz_ops"), table.createdAt.asc().nullsLast().op("timestamptz_ops")).where(sql`(sheet_id IS NOT NULL)`),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "metric_values_clinic_id_fkey"
		}).onDelete("restrict"),
	foreignKey({
			columns: [table.metricDefinitionId],
			foreignColumns: [metricDefinitions.id],
			name: "metric_values_metric_definition_id_fkey"
		}).onDelete("restrict"),
	foreignKey({
			columns: [table.clinicId, table.providerId],
			foreignColumns: [providers.id, providers.clinicId],
			name: "metric_values_clinic_id_provider_id_fkey"
		}).onDelete("set null"),
	foreignKey({
			columns: [table.clinicId, table.sheetId],
			foreignColumns: [connectionSheets.id, connectionSheets.clinicId],
			name: "metric_values_clinic_id_sheet_id_fkey"
		}).onDelete("set null"),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics('staff'::member_role) AS my_clinics)))`, withCheck: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics('staff'::member_role) AS my_clinics)))`  }),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"] }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("metric_values_value_check", sql`value <> 'NaN'::numeric`),
	check("metric_values_check", sql`num_nonnulls(value, value_date) = 1`),
]);

export const metricAggregations = pgTable("metric_aggregations", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	providerId: uuid("provider_id"),
	metricDefinitionId: uuid("metric_definition_id").notNull(),
	granularity: goalPeriod().notNull(),
	periodStart: date("period_start").notNull(),
	periodEnd: date("period_end").notNull(),
	sum: numeric({ precision: 24, scale:  6 }).notNull(),
	// You can use { mode: "bigint" } if numbers are exceeding js number limitations
	n: bigint({ mode: "number" }).notNull(),
	min: numeric({ precision: 20, scale:  6 }).notNull(),
	max: numeric({ precision: 20, scale:  6 }).notNull(),
}, (table) => [
	index("metric_aggregations_provider").using("btree", table.providerId.asc().nullsLast().op("uuid_ops")).where(sql`(provider_id IS NOT NULL)`),
	foreignKey({
			columns: [table.metricDefinitionId],
			foreignColumns: [metricDefinitions.id],
			name: "metric_aggregations_metric_definition_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.clinicId, table.providerId],
			foreignColumns: [providers.id, providers.clinicId],
			name: "metric_aggregations_clinic_id_provider_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "metric_aggregations_clinic_id_fkey"
		}).onDelete("cascade"),
	unique("metric_aggregations_clinic_id_metric_definition_id_granular_key").on(table.clinicId, table.providerId, table.metricDefinitionId, table.granularity, table.periodStart),
	pgPolicy("aggregations_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	check("metric_aggregations_n_check", sql`n > 0`),
	check("metric_aggregations_check", sql`period_end >= period_start`),
]);

export const kindsInBilling = billing.table("kinds", {
	// You can use { mode: "bigint" } if numbers are exceeding js number limitations
	id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity({ name: "billing.kinds_id_seq", startWith: 1, increment: 1, minValue: 1, maxValue: 9223372036854775807, cache: 1 }),
	number: integer().generatedByDefaultAsIdentity({ name: "billing.kinds_number_seq", startWith: 1, increment: 1, minValue: 1, maxValue: 2147483647, cache: 1 }),
	counter: serial().notNull(),
	token: uuid().defaultRandom().notNull(),
	small: smallint(),
	// You can use { mode: "bigint" } if numbers are exceeding js number limitations
	big: bigint({ mode: "number" }).notNull(),
	half: real(),
	whole: doublePrecision().notNull(),
	exact: numeric({ precision: 12, scale:  2 }).notNull(),
	share: numeric({ precision: 5, scale: 2 }),
	code: char({ length: 3 }),
	short: varchar({ length: 40 }).notNull(),
	firstName: text("First name").notNull(),
	clinicStatus: clinicStatus("clinic_status").notNull(),
	rounding: roundingInBilling(),
	roundings: roundingInBilling("roundings").array().default([]).notNull(),
	tags: text().array().notNull(),
	amounts: numeric().array(),
	seats: integer().array(),
	moment: timestamp({ mode: 'string' }).notNull(),
	instant: timestamp({ withTimezone: true, mode: 'string' }).notNull(),
	day: date().notNull(),
	hour: time().notNull(),
	span: interval(),
	active: boolean().notNull(),
	payload: bytea("payload"),
	plain: json().notNull(),
	address: inet(),
	seen: tstzrange("seen"),
	doubled: integer().generatedAlwaysAs(sql`(counter * 2)`),
	clinicId: uuid("clinic_id"),
}, (table) => [
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "kinds_clinic_id_fkey"
		}),
]);

export const goalTemplates = pgTable("goal_templates", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id"),
	name: text().notNull(),
	metricDefinitionId: uuid("metric_definition_id").notNull(),
	period: goalPeriod().notNull(),
	targetFormula: text("target_formula"),
	createdBy: uuid("created_by"),
}, (table) => [
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "goal_templates_clinic_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.metricDefinitionId],
			foreignColumns: [metricDefinitions.id],
			name: "goal_templates_metric_definition_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.createdBy],
			foreignColumns: [profiles.id],
			name: "goal_templates_created_by_fkey"
		}).onDelete("set null"),
	unique("goal_templates_clinic_id_name_key").on(table.clinicId, table.name),
	pgPolicy("templates_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`((clinic_id IS NULL) OR (clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics))))` }),
]);

export const goals = pgTable("goals", {
	id: uuid().primaryKey().notNull(),
	clinicId: uuid("clinic_id").notNull(),
	providerId: uuid("provider_id"),
	metricDefinitionId: uuid("metric_definition_id").notNull(),
	templateId: uuid("template_id"),
	ownerId: uuid("owner_id"),
	createdBy: uuid("created_by"),
	name: text().notNull(),
	period: goalPeriod().notNull(),
	startsOn: date("starts_on").notNull(),
	endsOn: date("ends_on").notNull(),
	targetValue: numeric("target_value", { precision: 20, scale:  6 }).notNull(),
	direction: goalDirection().default('at_least').notNull(),
	status: goalStatus().notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	uniqueIndex("goals_identity_key").using("btree", table.clinicId.asc().nullsLast().op("enum_ops"), table.providerId.asc().nullsLast().op("uuid_ops"), table.metricDefinitionId.asc().nullsLast().op("enum_ops"), table.period.asc().nullsLast().op("uuid_ops"), table.startsOn.asc().nullsLast().op("uuid_ops"), table.endsOn.asc().nullsLast().op("uuid_ops")).where(sql`(status <> 'cancelled'::goal_status)`),
	index("goals_open").using("btree", table.clinicId.asc().nullsLast().op("uuid_ops"), table.endsOn.desc().nullsFirst().op("uuid_ops"), table.startsOn.desc().nullsFirst().op("date_ops")),
	index("goals_provider").using("btree", table.providerId.asc().nullsLast().op("uuid_ops")).where(sql`(provider_id IS NOT NULL)`),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "goals_clinic_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.metricDefinitionId],
			foreignColumns: [metricDefinitions.id],
			name: "goals_metric_definition_id_fkey"
		}).onDelete("restrict"),
	foreignKey({
			columns: [table.templateId],
			foreignColumns: [goalTemplates.id],
			name: "goals_template_id_fkey"
		}).onDelete("set null"),
	foreignKey({
			columns: [table.ownerId],
			foreignColumns: [profiles.id],
			name: "goals_owner_id_fkey"
		}).onDelete("set null"),
	foreignKey({
			columns: [table.createdBy],
			foreignColumns: [profiles.id],
			name: "goals_created_by_fkey"
		}).onDelete("set null"),
	foreignKey({
			columns: [table.clinicId, table.providerId],
			foreignColumns: [providers.id, providers.clinicId],
			name: "goals_clinic_id_provider_id_fkey"
		}).onDelete("restrict"),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("goals_target_value_check", sql`target_value <> 'NaN'::numeric`),
	check("goals_check", sql`ends_on >= starts_on`),
]);

export const dashboards = pgTable("dashboards", {
	id: uuid().primaryKey().notNull(),
	ownerId: uuid("owner_id").notNull(),
	clinicId: uuid("clinic_id"),
	name: text().notNull(),
	isDefault: boolean("is_default").default(false).notNull(),
	visibility: dashboardVisibility().default('private').notNull(),
	layout: jsonb().default({}).notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	index("dashboards_clinic").using("btree", table.clinicId.asc().nullsLast().op("uuid_ops")),
	uniqueIndex("dashboards_default_key").using("btree", table.ownerId.asc().nullsLast().op("uuid_ops"), table.clinicId.asc().nullsLast().op("uuid_ops")).where(sql`is_default`),
	index("dashboards_owner").using("btree", table.ownerId.asc().nullsLast().op("uuid_ops")),
	foreignKey({
			columns: [table.ownerId],
			foreignColumns: [profiles.id],
			name: "dashboards_owner_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.clinicId],
			foreignColumns: [clinics.id],
			name: "dashboards_clinic_id_fkey"
		}).onDelete("cascade"),
	pgPolicy("dashboards_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`((owner_id = ( SELECT auth.uid() AS uid)) OR ((visibility = 'clinic'::dashboard_visibility) AND (clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))))` }),
	pgPolicy("dashboards_write", { as: "permissive", for: "all", to: ["authenticated"] }),
	check("dashboards_check", sql`(visibility = 'private'::dashboard_visibility) OR (clinic_id IS NOT NULL)`),
]);

export const widgets = pgTable("widgets", {
	id: uuid().primaryKey().notNull(),
	dashboardId: uuid("dashboard_id").notNull(),
	metricDefinitionId: uuid("metric_definition_id"),
	widgetType: widgetType("widget_type").notNull(),
	chartType: chartType("chart_type"),
	positionX: integer("position_x").notNull(),
	positionY: integer("position_y").notNull(),
	width: integer().notNull(),
	height: integer().notNull(),
	config: jsonb().default({}).notNull(),
	createdAt: timestamp("created_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
	updatedAt: timestamp("updated_at", { withTimezone: true, mode: 'string' }).defaultNow().notNull(),
}, (table) => [
	index("widgets_dashboard").using("btree", table.dashboardId.asc().nullsLast().op("uuid_ops")),
	foreignKey({
			columns: [table.dashboardId],
			foreignColumns: [dashboards.id],
			name: "widgets_dashboard_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.metricDefinitionId],
			foreignColumns: [metricDefinitions.id],
			name: "widgets_metric_definition_id_fkey"
		}).onDelete("set null"),
	pgPolicy("widgets_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(dashboard_id IN ( SELECT d.id
   FROM dashboards d))` }),
	pgPolicy("widgets_write", { as: "permissive", for: "all", to: ["authenticated"] }),
	check("widgets_position_x_check", sql`position_x >= 0`),
	check("widgets_position_y_check", sql`position_y >= 0`),
	check("widgets_width_check", sql`width > 0`),
	check("widgets_height_check", sql`height > 0`),
	check("widgets_check", sql`(widget_type = 'chart'::widget_type) = (chart_type IS NOT NULL)`),
]);

export const providerLocations = pgTable("provider_locations", {
	providerId: uuid("provider_id").notNull(),
	locationId: uuid("location_id").notNull(),
	clinicId: uuid("clinic_id").notNull(),
	isPrimary: boolean("is_primary").default(false).notNull(),
	startsOn: date("starts_on"),
	endsOn: date("ends_on"),
}, (table) => [
	index("provider_locations_clinic").using("btree", table.clinicId.asc().nullsLast().op("uuid_ops"), table.locationId.asc().nullsLast().op("uuid_ops")),
	uniqueIndex("provider_locations_primary_key").using("btree", table.providerId.asc().nullsLast().op("uuid_ops")).where(sql`is_primary`),
	foreignKey({
			columns: [table.providerId, table.clinicId],
			foreignColumns: [providers.id, providers.clinicId],
			name: "provider_locations_clinic_id_provider_id_fkey"
		}).onDelete("cascade"),
	foreignKey({
			columns: [table.locationId, table.clinicId],
			foreignColumns: [locations.id, locations.clinicId],
			name: "provider_locations_clinic_id_location_id_fkey"
		}).onDelete("cascade"),
	primaryKey({ columns: [table.providerId, table.locationId], name: "provider_locations_pkey"}),
	pgPolicy("tenant_read", { as: "permissive", for: "select", to: ["authenticated"], using: sql`(clinic_id = ANY (ARRAY( SELECT app_private.my_clinics() AS my_clinics)))` }),
	pgPolicy("tenant_insert", { as: "permissive", for: "insert", to: ["authenticated"] }),
	pgPolicy("tenant_update", { as: "permissive", for: "update", to: ["authenticated"] }),
	pgPolicy("tenant_delete", { as: "permissive", for: "delete", to: ["authenticated"] }),
	check("provider_locations_check", sql`(ends_on IS NULL) OR (starts_on IS NULL) OR (ends_on >= starts_on)`),
]);
export const activeKindsInBilling = billing.view("active_kinds", {	// You can use { mode: "bigint" } if numbers are exceeding js number limitations
	id: bigint({ mode: "number" }),
	short: varchar({ length: 40 }),
}).as(sql`SELECT k.id, k.short FROM billing.kinds k WHERE k.active`);