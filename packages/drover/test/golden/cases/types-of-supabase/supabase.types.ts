// As `supabase gen types typescript --schema app` writes it.

export type Database = {
  app: {
    Tables: {
      notes: {
        Row: {
          author: string
          body: string | null
          id: string
          length: number | null
          mood: Database['app']['Enums']['mood']
          number: number
          written_at: string
        }
        Insert: {
          author: string
          body?: string | null
          id: string
          length?: never
          mood?: Database['app']['Enums']['mood']
          number?: never
          written_at?: string
        }
        Update: {
          author?: string
          body?: string | null
          id?: string
          length?: never
          mood?: Database['app']['Enums']['mood']
          number?: never
          written_at?: string
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      mood: 'glad' | 'sad'
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}
