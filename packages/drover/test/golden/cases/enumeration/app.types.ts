// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export type AppUserRole = 'viewer' | 'staff' | 'shop_admin'

export interface App {
  'app.users': {
    id: int4
    role: AppUserRole
    state: text | null
  }
}
