// Written by @supabase/postgres-meta 0.99.0 (PG_META_GENERATE_TYPES=typescript, what `supabase gen types typescript` runs)
// for the schemas auth, billing and public of sql/target.sql of examples/dental-clinic and ../kinds.sql.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  auth: {
    Tables: {
      identities: {
        Row: {
          created_at: string | null
          email: string | null
          id: string
          identity_data: NonNullable<Json>
          last_sign_in_at: string | null
          provider: string
          provider_id: string
          updated_at: string | null
          user_id: string
        }
        Insert: {
          created_at?: string | null
          email?: never
          id?: string
          identity_data: NonNullable<Json>
          last_sign_in_at?: string | null
          provider: string
          provider_id: string
          updated_at?: string | null
          user_id: string
        }
        Update: {
          created_at?: string | null
          email?: never
          id?: string
          identity_data?: NonNullable<Json>
          last_sign_in_at?: string | null
          provider?: string
          provider_id?: string
          updated_at?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "identities_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["id"]
          },
        ]
      }
      users: {
        Row: {
          aud: string | null
          banned_until: string | null
          confirmation_sent_at: string | null
          confirmation_token: string | null
          confirmed_at: string | null
          created_at: string | null
          deleted_at: string | null
          email: string | null
          email_change: string | null
          email_change_confirm_status: number | null
          email_change_sent_at: string | null
          email_change_token_current: string | null
          email_change_token_new: string | null
          email_confirmed_at: string | null
          encrypted_password: string | null
          id: string
          instance_id: string | null
          invited_at: string | null
          is_anonymous: boolean
          is_sso_user: boolean
          is_super_admin: boolean | null
          last_sign_in_at: string | null
          phone: string | null
          phone_change: string | null
          phone_change_token: string | null
          phone_confirmed_at: string | null
          raw_app_meta_data: Json | null
          raw_user_meta_data: Json | null
          reauthentication_token: string | null
          recovery_sent_at: string | null
          recovery_token: string | null
          role: string | null
          updated_at: string | null
        }
        Insert: {
          aud?: string | null
          banned_until?: string | null
          confirmation_sent_at?: string | null
          confirmation_token?: string | null
          confirmed_at?: never
          created_at?: string | null
          deleted_at?: string | null
          email?: string | null
          email_change?: string | null
          email_change_confirm_status?: number | null
          email_change_sent_at?: string | null
          email_change_token_current?: string | null
          email_change_token_new?: string | null
          email_confirmed_at?: string | null
          encrypted_password?: string | null
          id: string
          instance_id?: string | null
          invited_at?: string | null
          is_anonymous?: boolean
          is_sso_user?: boolean
          is_super_admin?: boolean | null
          last_sign_in_at?: string | null
          phone?: string | null
          phone_change?: string | null
          phone_change_token?: string | null
          phone_confirmed_at?: string | null
          raw_app_meta_data?: Json | null
          raw_user_meta_data?: Json | null
          reauthentication_token?: string | null
          recovery_sent_at?: string | null
          recovery_token?: string | null
          role?: string | null
          updated_at?: string | null
        }
        Update: {
          aud?: string | null
          banned_until?: string | null
          confirmation_sent_at?: string | null
          confirmation_token?: string | null
          confirmed_at?: never
          created_at?: string | null
          deleted_at?: string | null
          email?: string | null
          email_change?: string | null
          email_change_confirm_status?: number | null
          email_change_sent_at?: string | null
          email_change_token_current?: string | null
          email_change_token_new?: string | null
          email_confirmed_at?: string | null
          encrypted_password?: string | null
          id?: string
          instance_id?: string | null
          invited_at?: string | null
          is_anonymous?: boolean
          is_sso_user?: boolean
          is_super_admin?: boolean | null
          last_sign_in_at?: string | null
          phone?: string | null
          phone_change?: string | null
          phone_change_token?: string | null
          phone_confirmed_at?: string | null
          raw_app_meta_data?: Json | null
          raw_user_meta_data?: Json | null
          reauthentication_token?: string | null
          recovery_sent_at?: string | null
          recovery_token?: string | null
          role?: string | null
          updated_at?: string | null
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      jwt: { Args: Record<PropertyKey, never>; Returns: Json }
      uid: { Args: Record<PropertyKey, never>; Returns: string }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  billing: {
    Tables: {
      kinds: {
        Row: {
          active: boolean
          address: unknown
          amounts: number[] | null
          big: number
          clinic_id: string | null
          clinic_status: Database["public"]["Enums"]["clinic_status"]
          code: string | null
          counter: number
          day: string
          doubled: number | null
          exact: number
          "First name": string
          half: number | null
          hour: string
          id: number
          instant: string
          moment: string
          number: number
          payload: string | null
          plain: NonNullable<Json>
          rounding: Database["billing"]["Enums"]["rounding"] | null
          roundings: Database["billing"]["Enums"]["rounding"][]
          seats: number[] | null
          seen: unknown
          share: number | null
          short: string
          small: number | null
          span: string | null
          tags: string[]
          token: string
          whole: number
        }
        Insert: {
          active: boolean
          address?: unknown
          amounts?: number[] | null
          big: number
          clinic_id?: string | null
          clinic_status: Database["public"]["Enums"]["clinic_status"]
          code?: string | null
          counter?: number
          day: string
          doubled?: never
          exact: number
          "First name": string
          half?: number | null
          hour: string
          id?: never
          instant: string
          moment: string
          number?: number
          payload?: string | null
          plain: NonNullable<Json>
          rounding?: Database["billing"]["Enums"]["rounding"] | null
          roundings?: Database["billing"]["Enums"]["rounding"][]
          seats?: number[] | null
          seen?: unknown
          share?: number | null
          short: string
          small?: number | null
          span?: string | null
          tags: string[]
          token?: string
          whole: number
        }
        Update: {
          active?: boolean
          address?: unknown
          amounts?: number[] | null
          big?: number
          clinic_id?: string | null
          clinic_status?: Database["public"]["Enums"]["clinic_status"]
          code?: string | null
          counter?: number
          day?: string
          doubled?: never
          exact?: number
          "First name"?: string
          half?: number | null
          hour?: string
          id?: never
          instant?: string
          moment?: string
          number?: number
          payload?: string | null
          plain?: NonNullable<Json>
          rounding?: Database["billing"]["Enums"]["rounding"] | null
          roundings?: Database["billing"]["Enums"]["rounding"][]
          seats?: number[] | null
          seen?: unknown
          share?: number | null
          short?: string
          small?: number | null
          span?: string | null
          tags?: string[]
          token?: string
          whole?: number
        }
        Relationships: []
      }
    }
    Views: {
      active_kinds: {
        Row: {
          id: number | null
          short: string | null
        }
        Insert: {
          id?: number | null
          short?: string | null
        }
        Update: {
          id?: number | null
          short?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      rounding: "half up" | "half even"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  public: {
    Tables: {
      clinic_invitations: {
        Row: {
          accepted_at: string | null
          clinic_id: string
          created_at: string
          email: string
          expires_at: string
          id: string
          invited_by: string | null
          revoked_at: string | null
          role: Database["public"]["Enums"]["member_role"]
          token_hash: string
        }
        Insert: {
          accepted_at?: string | null
          clinic_id: string
          created_at?: string
          email: string
          expires_at: string
          id: string
          invited_by?: string | null
          revoked_at?: string | null
          role: Database["public"]["Enums"]["member_role"]
          token_hash: string
        }
        Update: {
          accepted_at?: string | null
          clinic_id?: string
          created_at?: string
          email?: string
          expires_at?: string
          id?: string
          invited_by?: string | null
          revoked_at?: string | null
          role?: Database["public"]["Enums"]["member_role"]
          token_hash?: string
        }
        Relationships: [
          {
            foreignKeyName: "clinic_invitations_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "clinic_invitations_invited_by_fkey"
            columns: ["invited_by"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
        ]
      }
      clinics: {
        Row: {
          created_at: string
          currency: string
          id: string
          location_label: string
          name: string
          registration_code: string | null
          status: Database["public"]["Enums"]["clinic_status"]
          timezone: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          currency?: string
          id: string
          location_label: string
          name: string
          registration_code?: string | null
          status?: Database["public"]["Enums"]["clinic_status"]
          timezone: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          currency?: string
          id?: string
          location_label?: string
          name?: string
          registration_code?: string | null
          status?: Database["public"]["Enums"]["clinic_status"]
          timezone?: string
          updated_at?: string
        }
        Relationships: []
      }
      column_mappings: {
        Row: {
          clinic_id: string
          config: NonNullable<Json>
          created_at: string
          id: string
          is_active: boolean
          sheet_id: string
          updated_at: string
          version: number
        }
        Insert: {
          clinic_id: string
          config: NonNullable<Json>
          created_at?: string
          id: string
          is_active?: boolean
          sheet_id: string
          updated_at?: string
          version?: number
        }
        Update: {
          clinic_id?: string
          config?: NonNullable<Json>
          created_at?: string
          id?: string
          is_active?: boolean
          sheet_id?: string
          updated_at?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "column_mappings_clinic_id_sheet_id_fkey"
            columns: ["clinic_id", "sheet_id"]
            isOneToOne: false
            referencedRelation: "connection_sheets"
            referencedColumns: ["clinic_id", "id"]
          },
        ]
      }
      connection_sheets: {
        Row: {
          clinic_id: string
          connection_id: string
          id: string
          label: string
          last_synced_at: string | null
          sheet_name: string
          sync_frequency: Database["public"]["Enums"]["sync_frequency"]
        }
        Insert: {
          clinic_id: string
          connection_id: string
          id: string
          label: string
          last_synced_at?: string | null
          sheet_name: string
          sync_frequency?: Database["public"]["Enums"]["sync_frequency"]
        }
        Update: {
          clinic_id?: string
          connection_id?: string
          id?: string
          label?: string
          last_synced_at?: string | null
          sheet_name?: string
          sync_frequency?: Database["public"]["Enums"]["sync_frequency"]
        }
        Relationships: [
          {
            foreignKeyName: "connection_sheets_clinic_id_connection_id_fkey"
            columns: ["clinic_id", "connection_id"]
            isOneToOne: false
            referencedRelation: "spreadsheet_connections"
            referencedColumns: ["clinic_id", "id"]
          },
        ]
      }
      dashboards: {
        Row: {
          clinic_id: string | null
          created_at: string
          id: string
          is_default: boolean
          layout: NonNullable<Json>
          name: string
          owner_id: string
          updated_at: string
          visibility: Database["public"]["Enums"]["dashboard_visibility"]
        }
        Insert: {
          clinic_id?: string | null
          created_at?: string
          id: string
          is_default?: boolean
          layout?: NonNullable<Json>
          name: string
          owner_id: string
          updated_at?: string
          visibility?: Database["public"]["Enums"]["dashboard_visibility"]
        }
        Update: {
          clinic_id?: string | null
          created_at?: string
          id?: string
          is_default?: boolean
          layout?: NonNullable<Json>
          name?: string
          owner_id?: string
          updated_at?: string
          visibility?: Database["public"]["Enums"]["dashboard_visibility"]
        }
        Relationships: [
          {
            foreignKeyName: "dashboards_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "dashboards_owner_id_fkey"
            columns: ["owner_id"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
        ]
      }
      goal_templates: {
        Row: {
          clinic_id: string | null
          created_by: string | null
          id: string
          metric_definition_id: string
          name: string
          period: Database["public"]["Enums"]["goal_period"]
          target_formula: string | null
        }
        Insert: {
          clinic_id?: string | null
          created_by?: string | null
          id: string
          metric_definition_id: string
          name: string
          period: Database["public"]["Enums"]["goal_period"]
          target_formula?: string | null
        }
        Update: {
          clinic_id?: string | null
          created_by?: string | null
          id?: string
          metric_definition_id?: string
          name?: string
          period?: Database["public"]["Enums"]["goal_period"]
          target_formula?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "goal_templates_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "goal_templates_created_by_fkey"
            columns: ["created_by"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "goal_templates_metric_definition_id_fkey"
            columns: ["metric_definition_id"]
            isOneToOne: false
            referencedRelation: "metric_definitions"
            referencedColumns: ["id"]
          },
        ]
      }
      goals: {
        Row: {
          clinic_id: string
          created_at: string
          created_by: string | null
          direction: Database["public"]["Enums"]["goal_direction"]
          ends_on: string
          id: string
          metric_definition_id: string
          name: string
          owner_id: string | null
          period: Database["public"]["Enums"]["goal_period"]
          provider_id: string | null
          starts_on: string
          status: Database["public"]["Enums"]["goal_status"]
          target_value: number
          template_id: string | null
          updated_at: string
        }
        Insert: {
          clinic_id: string
          created_at?: string
          created_by?: string | null
          direction?: Database["public"]["Enums"]["goal_direction"]
          ends_on: string
          id: string
          metric_definition_id: string
          name: string
          owner_id?: string | null
          period: Database["public"]["Enums"]["goal_period"]
          provider_id?: string | null
          starts_on: string
          status: Database["public"]["Enums"]["goal_status"]
          target_value: number
          template_id?: string | null
          updated_at?: string
        }
        Update: {
          clinic_id?: string
          created_at?: string
          created_by?: string | null
          direction?: Database["public"]["Enums"]["goal_direction"]
          ends_on?: string
          id?: string
          metric_definition_id?: string
          name?: string
          owner_id?: string | null
          period?: Database["public"]["Enums"]["goal_period"]
          provider_id?: string | null
          starts_on?: string
          status?: Database["public"]["Enums"]["goal_status"]
          target_value?: number
          template_id?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "goals_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "goals_clinic_id_provider_id_fkey"
            columns: ["clinic_id", "provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["clinic_id", "id"]
          },
          {
            foreignKeyName: "goals_created_by_fkey"
            columns: ["created_by"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "goals_metric_definition_id_fkey"
            columns: ["metric_definition_id"]
            isOneToOne: false
            referencedRelation: "metric_definitions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "goals_owner_id_fkey"
            columns: ["owner_id"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "goals_template_id_fkey"
            columns: ["template_id"]
            isOneToOne: false
            referencedRelation: "goal_templates"
            referencedColumns: ["id"]
          },
        ]
      }
      google_credentials: {
        Row: {
          access_token_enc: string | null
          clinic_id: string
          connected_by: string | null
          created_at: string
          expires_at: string | null
          id: string
          key_id: string
          refresh_token_enc: string | null
          scopes: string[]
          status: Database["public"]["Enums"]["credential_status"]
          token_fingerprint: string
          updated_at: string
        }
        Insert: {
          access_token_enc?: string | null
          clinic_id: string
          connected_by?: string | null
          created_at?: string
          expires_at?: string | null
          id: string
          key_id: string
          refresh_token_enc?: string | null
          scopes?: string[]
          status: Database["public"]["Enums"]["credential_status"]
          token_fingerprint: string
          updated_at?: string
        }
        Update: {
          access_token_enc?: string | null
          clinic_id?: string
          connected_by?: string | null
          created_at?: string
          expires_at?: string | null
          id?: string
          key_id?: string
          refresh_token_enc?: string | null
          scopes?: string[]
          status?: Database["public"]["Enums"]["credential_status"]
          token_fingerprint?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "google_credentials_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "google_credentials_connected_by_fkey"
            columns: ["connected_by"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
        ]
      }
      locations: {
        Row: {
          address: string | null
          clinic_id: string
          id: string
          is_active: boolean
          name: string
        }
        Insert: {
          address?: string | null
          clinic_id: string
          id: string
          is_active?: boolean
          name: string
        }
        Update: {
          address?: string | null
          clinic_id?: string
          id?: string
          is_active?: boolean
          name?: string
        }
        Relationships: [
          {
            foreignKeyName: "locations_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
        ]
      }
      metric_aggregations: {
        Row: {
          clinic_id: string
          granularity: Database["public"]["Enums"]["goal_period"]
          id: string
          max: number
          metric_definition_id: string
          min: number
          n: number
          period_end: string
          period_start: string
          provider_id: string | null
          sum: number
        }
        Insert: {
          clinic_id: string
          granularity: Database["public"]["Enums"]["goal_period"]
          id: string
          max: number
          metric_definition_id: string
          min: number
          n: number
          period_end: string
          period_start: string
          provider_id?: string | null
          sum: number
        }
        Update: {
          clinic_id?: string
          granularity?: Database["public"]["Enums"]["goal_period"]
          id?: string
          max?: number
          metric_definition_id?: string
          min?: number
          n?: number
          period_end?: string
          period_start?: string
          provider_id?: string | null
          sum?: number
        }
        Relationships: [
          {
            foreignKeyName: "metric_aggregations_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "metric_aggregations_clinic_id_provider_id_fkey"
            columns: ["clinic_id", "provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["clinic_id", "id"]
          },
          {
            foreignKeyName: "metric_aggregations_metric_definition_id_fkey"
            columns: ["metric_definition_id"]
            isOneToOne: false
            referencedRelation: "metric_definitions"
            referencedColumns: ["id"]
          },
        ]
      }
      metric_definitions: {
        Row: {
          category: Database["public"]["Enums"]["metric_category"]
          clinic_id: string | null
          code: string
          created_at: string
          data_type: Database["public"]["Enums"]["metric_data_type"]
          description: string
          formula: string | null
          id: string
          is_composite: boolean
          lower_is_better: boolean
          name: string
          rollup: Database["public"]["Enums"]["metric_rollup"]
          unit: string | null
          updated_at: string
        }
        Insert: {
          category: Database["public"]["Enums"]["metric_category"]
          clinic_id?: string | null
          code: string
          created_at?: string
          data_type: Database["public"]["Enums"]["metric_data_type"]
          description?: string
          formula?: string | null
          id: string
          is_composite?: boolean
          lower_is_better?: boolean
          name: string
          rollup: Database["public"]["Enums"]["metric_rollup"]
          unit?: string | null
          updated_at?: string
        }
        Update: {
          category?: Database["public"]["Enums"]["metric_category"]
          clinic_id?: string | null
          code?: string
          created_at?: string
          data_type?: Database["public"]["Enums"]["metric_data_type"]
          description?: string
          formula?: string | null
          id?: string
          is_composite?: boolean
          lower_is_better?: boolean
          name?: string
          rollup?: Database["public"]["Enums"]["metric_rollup"]
          unit?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "metric_definitions_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
        ]
      }
      metric_values: {
        Row: {
          clinic_id: string
          created_at: string
          external_id: string | null
          id: string
          metric_date: string
          metric_definition_id: string
          observed_at: string
          provider_id: string | null
          quality: Database["public"]["Enums"]["value_quality"]
          sheet_id: string | null
          source: Database["public"]["Enums"]["source_kind"]
          source_sheet: string | null
          updated_at: string
          value: number | null
          value_date: string | null
        }
        Insert: {
          clinic_id: string
          created_at?: string
          external_id?: string | null
          id: string
          metric_date: string
          metric_definition_id: string
          observed_at: string
          provider_id?: string | null
          quality?: Database["public"]["Enums"]["value_quality"]
          sheet_id?: string | null
          source: Database["public"]["Enums"]["source_kind"]
          source_sheet?: string | null
          updated_at?: string
          value?: number | null
          value_date?: string | null
        }
        Update: {
          clinic_id?: string
          created_at?: string
          external_id?: string | null
          id?: string
          metric_date?: string
          metric_definition_id?: string
          observed_at?: string
          provider_id?: string | null
          quality?: Database["public"]["Enums"]["value_quality"]
          sheet_id?: string | null
          source?: Database["public"]["Enums"]["source_kind"]
          source_sheet?: string | null
          updated_at?: string
          value?: number | null
          value_date?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "metric_values_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "metric_values_clinic_id_provider_id_fkey"
            columns: ["clinic_id", "provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["clinic_id", "id"]
          },
          {
            foreignKeyName: "metric_values_clinic_id_sheet_id_fkey"
            columns: ["clinic_id", "sheet_id"]
            isOneToOne: false
            referencedRelation: "connection_sheets"
            referencedColumns: ["clinic_id", "id"]
          },
          {
            foreignKeyName: "metric_values_metric_definition_id_fkey"
            columns: ["metric_definition_id"]
            isOneToOne: false
            referencedRelation: "metric_definitions"
            referencedColumns: ["id"]
          },
        ]
      }
      profiles: {
        Row: {
          created_at: string
          default_clinic_id: string | null
          email: string
          full_name: string
          id: string
          is_system_admin: boolean
          last_login_at: string | null
          status: Database["public"]["Enums"]["profile_status"]
          updated_at: string
        }
        Insert: {
          created_at?: string
          default_clinic_id?: string | null
          email: string
          full_name: string
          id: string
          is_system_admin?: boolean
          last_login_at?: string | null
          status?: Database["public"]["Enums"]["profile_status"]
          updated_at?: string
        }
        Update: {
          created_at?: string
          default_clinic_id?: string | null
          email?: string
          full_name?: string
          id?: string
          is_system_admin?: boolean
          last_login_at?: string | null
          status?: Database["public"]["Enums"]["profile_status"]
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "profiles_default_clinic_id_fkey"
            columns: ["default_clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
        ]
      }
      provider_locations: {
        Row: {
          clinic_id: string
          ends_on: string | null
          is_primary: boolean
          location_id: string
          provider_id: string
          starts_on: string | null
        }
        Insert: {
          clinic_id: string
          ends_on?: string | null
          is_primary?: boolean
          location_id: string
          provider_id: string
          starts_on?: string | null
        }
        Update: {
          clinic_id?: string
          ends_on?: string | null
          is_primary?: boolean
          location_id?: string
          provider_id?: string
          starts_on?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "provider_locations_clinic_id_location_id_fkey"
            columns: ["clinic_id", "location_id"]
            isOneToOne: false
            referencedRelation: "locations"
            referencedColumns: ["clinic_id", "id"]
          },
          {
            foreignKeyName: "provider_locations_clinic_id_provider_id_fkey"
            columns: ["clinic_id", "provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["clinic_id", "id"]
          },
        ]
      }
      providers: {
        Row: {
          clinic_id: string
          created_at: string
          email: string | null
          first_name: string | null
          full_name: string
          id: string
          last_name: string | null
          provider_type: Database["public"]["Enums"]["provider_type"]
          status: Database["public"]["Enums"]["clinic_status"]
          updated_at: string
          user_id: string | null
        }
        Insert: {
          clinic_id: string
          created_at?: string
          email?: string | null
          first_name?: string | null
          full_name: string
          id: string
          last_name?: string | null
          provider_type: Database["public"]["Enums"]["provider_type"]
          status?: Database["public"]["Enums"]["clinic_status"]
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          clinic_id?: string
          created_at?: string
          email?: string | null
          first_name?: string | null
          full_name?: string
          id?: string
          last_name?: string | null
          provider_type?: Database["public"]["Enums"]["provider_type"]
          status?: Database["public"]["Enums"]["clinic_status"]
          updated_at?: string
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "providers_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "providers_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
        ]
      }
      spreadsheet_connections: {
        Row: {
          app_script_id: string | null
          clinic_id: string
          created_at: string
          credential_id: string | null
          id: string
          name: string
          spreadsheet_id: string
          status: Database["public"]["Enums"]["connection_status"]
          updated_at: string
        }
        Insert: {
          app_script_id?: string | null
          clinic_id: string
          created_at?: string
          credential_id?: string | null
          id: string
          name: string
          spreadsheet_id: string
          status?: Database["public"]["Enums"]["connection_status"]
          updated_at?: string
        }
        Update: {
          app_script_id?: string | null
          clinic_id?: string
          created_at?: string
          credential_id?: string | null
          id?: string
          name?: string
          spreadsheet_id?: string
          status?: Database["public"]["Enums"]["connection_status"]
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "spreadsheet_connections_clinic_id_credential_id_fkey"
            columns: ["clinic_id", "credential_id"]
            isOneToOne: false
            referencedRelation: "google_credentials"
            referencedColumns: ["clinic_id", "id"]
          },
          {
            foreignKeyName: "spreadsheet_connections_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
        ]
      }
      user_clinic_roles: {
        Row: {
          clinic_id: string
          created_at: string
          granted_by: string | null
          id: string
          is_active: boolean
          role: Database["public"]["Enums"]["member_role"]
          updated_at: string
          user_id: string
        }
        Insert: {
          clinic_id: string
          created_at?: string
          granted_by?: string | null
          id: string
          is_active?: boolean
          role: Database["public"]["Enums"]["member_role"]
          updated_at?: string
          user_id: string
        }
        Update: {
          clinic_id?: string
          created_at?: string
          granted_by?: string | null
          id?: string
          is_active?: boolean
          role?: Database["public"]["Enums"]["member_role"]
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_clinic_roles_clinic_id_fkey"
            columns: ["clinic_id"]
            isOneToOne: false
            referencedRelation: "clinics"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_clinic_roles_granted_by_fkey"
            columns: ["granted_by"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_clinic_roles_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
        ]
      }
      widgets: {
        Row: {
          chart_type: Database["public"]["Enums"]["chart_type"] | null
          config: NonNullable<Json>
          created_at: string
          dashboard_id: string
          height: number
          id: string
          metric_definition_id: string | null
          position_x: number
          position_y: number
          updated_at: string
          widget_type: Database["public"]["Enums"]["widget_type"]
          width: number
        }
        Insert: {
          chart_type?: Database["public"]["Enums"]["chart_type"] | null
          config?: NonNullable<Json>
          created_at?: string
          dashboard_id: string
          height: number
          id: string
          metric_definition_id?: string | null
          position_x: number
          position_y: number
          updated_at?: string
          widget_type: Database["public"]["Enums"]["widget_type"]
          width: number
        }
        Update: {
          chart_type?: Database["public"]["Enums"]["chart_type"] | null
          config?: NonNullable<Json>
          created_at?: string
          dashboard_id?: string
          height?: number
          id?: string
          metric_definition_id?: string | null
          position_x?: number
          position_y?: number
          updated_at?: string
          widget_type?: Database["public"]["Enums"]["widget_type"]
          width?: number
        }
        Relationships: [
          {
            foreignKeyName: "widgets_dashboard_id_fkey"
            columns: ["dashboard_id"]
            isOneToOne: false
            referencedRelation: "dashboards"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "widgets_metric_definition_id_fkey"
            columns: ["metric_definition_id"]
            isOneToOne: false
            referencedRelation: "metric_definitions"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      chart_type: "line" | "bar" | "pie" | "area" | "doughnut" | "scatter"
      clinic_status: "active" | "inactive"
      connection_status:
        | "pending"
        | "active"
        | "paused"
        | "error"
        | "disconnected"
      credential_status: "active" | "expired" | "needs_reauth" | "revoked"
      dashboard_visibility: "private" | "clinic"
      goal_direction: "at_least" | "at_most"
      goal_period: "daily" | "weekly" | "monthly" | "quarterly" | "yearly"
      goal_status: "active" | "paused" | "completed" | "cancelled"
      member_role: "viewer" | "staff" | "provider" | "clinic_admin"
      metric_category:
        | "financial"
        | "patient"
        | "appointment"
        | "provider"
        | "treatment"
      metric_data_type:
        | "currency"
        | "percentage"
        | "integer"
        | "decimal"
        | "date"
      metric_rollup: "sum" | "avg" | "last" | "none"
      profile_status: "active" | "invited" | "disabled"
      provider_type: "dentist" | "hygienist" | "specialist" | "other"
      source_kind: "spreadsheet" | "form" | "manual"
      sync_frequency: "manual" | "hourly" | "daily" | "weekly" | "monthly"
      value_quality: "exact" | "normalised" | "corrected" | "derived"
      widget_type: "chart" | "counter" | "table"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] &
        DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] &
        DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R
      }
      ? R
      : never
    : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I
      }
      ? I
      : never
    : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U
      }
      ? U
      : never
    : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never

export const Constants = {
  auth: {
    Enums: {},
  },
  billing: {
    Enums: {
      rounding: ["half up", "half even"],
    },
  },
  public: {
    Enums: {
      chart_type: ["line", "bar", "pie", "area", "doughnut", "scatter"],
      clinic_status: ["active", "inactive"],
      connection_status: [
        "pending",
        "active",
        "paused",
        "error",
        "disconnected",
      ],
      credential_status: ["active", "expired", "needs_reauth", "revoked"],
      dashboard_visibility: ["private", "clinic"],
      goal_direction: ["at_least", "at_most"],
      goal_period: ["daily", "weekly", "monthly", "quarterly", "yearly"],
      goal_status: ["active", "paused", "completed", "cancelled"],
      member_role: ["viewer", "staff", "provider", "clinic_admin"],
      metric_category: [
        "financial",
        "patient",
        "appointment",
        "provider",
        "treatment",
      ],
      metric_data_type: [
        "currency",
        "percentage",
        "integer",
        "decimal",
        "date",
      ],
      metric_rollup: ["sum", "avg", "last", "none"],
      profile_status: ["active", "invited", "disabled"],
      provider_type: ["dentist", "hygienist", "specialist", "other"],
      source_kind: ["spreadsheet", "form", "manual"],
      sync_frequency: ["manual", "hourly", "daily", "weekly", "monthly"],
      value_quality: ["exact", "normalised", "corrected", "derived"],
      widget_type: ["chart", "counter", "table"],
    },
  },
} as const

