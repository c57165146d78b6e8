import type { QualifiedName } from '../sql/nodes.ts'

/** A table, view or foreign table of the source, as far as it matters for what lands. */
export interface Shape extends QualifiedName {
  readonly columns: readonly ShapeColumn[]
  /** Unique keys over plain columns, the primary key first; none where rows of other tables are read with its own. */
  readonly keys: readonly ShapeKey[]
}

/** A column as the source has it. */
export interface ShapeColumn extends TypeUse {
  readonly name: string
  /** Where it is not that of its type. */
  readonly collation: QualifiedName | null
  /** Whether the column itself refuses nulls, also those of old rows. */
  readonly notNull: boolean
}

/** A primary key or a unique constraint as the source has it. */
export interface ShapeKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly primary: boolean
  readonly nullsNotDistinct: boolean
}

/** A type where it is used. */
export interface TypeUse {
  /** Its OID at the source. */
  readonly type: string
  /** As the server prints it, with modifiers: `character varying(40)`. */
  readonly text: string
  /** The modifiers alone: `(40)`, or nothing. */
  readonly modifier: string
}

/** A type of the source that a column uses, directly or within another type. */
export interface SourceType extends QualifiedName {
  readonly oid: string
  /** `other`: one that only its extension, or whoever made it, can make. */
  readonly kind: 'array' | 'domain' | 'enum' | 'composite' | 'other'
  /** Of an array its elements, of a domain the type under it. */
  readonly under: TypeUse | null
  readonly labels: readonly string[]
  readonly fields: readonly (TypeUse & { readonly name: string; readonly collation: QualifiedName | null })[]
  /** The extension that brings it. */
  readonly extension: string | null
  /** Whether the server can send and read it in binary. */
  readonly binary: boolean
}

/** Shapes of tables with all types that they use, by OID. */
export interface Shapes {
  readonly tables: readonly Shape[]
  readonly types: ReadonlyMap<string, SourceType>
}
