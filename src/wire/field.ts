import type { Uuid } from './uuid.ts'

/**
 * The words in which messages are declared. A field is a type and what the versions say of it:
 * `string().nullable().since(3).default(null)`. The TypeScript types of decoded messages, and of those to be encoded,
 * follow from the declaration.
 */

/** The types of Kafka's protocol that hold no others. */
export type ScalarKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'

/** What a field holds, in any version. */
export type WireType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'array'; readonly element: WireType }
  | { readonly kind: 'struct'; readonly fields: Fields }

/** Fields in the order of the wire. */
export type Fields = Readonly<Record<string, AnyField>>

/** Any field: what the codec, which cares for no types, works on. */
export type AnyField = Field<unknown, unknown, boolean>

/** What the versions say of a field. */
export interface Traits {
  /** First version that has the field. */
  readonly sinceVersion: number
  /** Last version that has it. */
  readonly untilVersion: number
  /** First version in which it may be null; infinite for never. */
  readonly nullableSinceVersion: number
  /** Its tag (KIP-482), if it is written only where its value is not the default. */
  readonly tag: number | undefined
  /** Encoding for a version without the field passes over its value, where others are refused. */
  readonly isIgnorable: boolean
  /** The value of a field that is absent; undefined for that of the type: 0, false, no text, no elements. */
  readonly defaultValue: unknown
}

const plainTraits: Traits = {
  sinceVersion: 0,
  untilVersion: Infinity,
  nullableSinceVersion: Infinity,
  tag: undefined,
  isIgnorable: false,
  defaultValue: undefined,
}

/**
 * A field of a message. `Value` is what decoding yields, `Input` what encoding takes, and `Optional` says whether
 * encoding may leave it out for its default. Fields are immutable: every word yields a new one.
 */
export class Field<Value, Input, Optional extends boolean> {
  declare readonly '~value': Value
  declare readonly '~input': Input
  declare readonly '~optional': Optional
  readonly type: WireType
  readonly traits: Traits

  constructor(type: WireType, traits: Traits = plainTraits) {
    this.type = type
    this.traits = traits
  }

  /** Versions before `version` lack the field. */
  since(version: number): Field<Value, Input, true> {
    return new Field(this.type, { ...this.traits, sinceVersion: version })
  }

  /** `version` is the last that has the field. */
  until(version: number): Field<Value, Input, true> {
    return new Field(this.type, { ...this.traits, untilVersion: version })
  }

  /** May be null, from `sinceVersion` on. */
  nullable(sinceVersion = 0): Field<Value | null, Input | null, Optional> {
    return new Field(this.type, { ...this.traits, nullableSinceVersion: sinceVersion })
  }

  /** The value of the field where it is absent, when that is not the type's own. */
  default(value: Input): Field<Value, Input, true> {
    return new Field(this.type, { ...this.traits, defaultValue: value })
  }

  /** A version without the field does without its value, whatever it is. */
  ignorable(): Field<Value, Input, true> {
    return new Field(this.type, { ...this.traits, isIgnorable: true })
  }

  /** Stands behind the other fields under `tag`, and only where it is not the default (KIP-482). */
  tagged(tag: number): Field<Value, Input, true> {
    return new Field(this.type, { ...this.traits, tag })
  }

  /** Whether `version` of the message has the field. */
  isIn(version: number): boolean {
    return version >= this.traits.sinceVersion && version <= this.traits.untilVersion
  }
}

/** What decoding yields for a field, or for the fields of a struct. */
export type ValueOf<F> =
  F extends Field<infer Value, unknown, boolean> ? Value : { readonly [K in keyof F]: ValueOf<F[K]> }

/** What encoding takes for a field, or for the fields of a struct: those that have a default may be left out. */
export type InputOf<F> =
  F extends Field<unknown, infer Input, boolean>
    ? Input
    : { readonly [K in RequiredNames<F>]: InputOf<F[K]> } & {
        readonly [K in Exclude<keyof F, RequiredNames<F>>]?: InputOf<F[K]> | undefined
      }

type RequiredNames<F> = {
  [K in keyof F]: F[K] extends Field<unknown, unknown, false> ? K : never
}[keyof F]

type Plain<T> = Field<T, T, false>

/** True or false, in one byte. */
export const bool = (): Plain<boolean> => new Field({ kind: 'bool' })
/** An integer of one byte. */
export const int8 = (): Plain<number> => new Field({ kind: 'int8' })
/** An integer of two bytes. */
export const int16 = (): Plain<number> => new Field({ kind: 'int16' })
/** An integer of two bytes from 0 to 65535: ports. */
export const uint16 = (): Plain<number> => new Field({ kind: 'uint16' })
/** An integer of four bytes. */
export const int32 = (): Plain<number> => new Field({ kind: 'int32' })
/** An integer of eight bytes; beyond 2^53 it is refused. */
export const int64 = (): Plain<number> => new Field({ kind: 'int64' })
/** A double. */
export const float64 = (): Plain<number> => new Field({ kind: 'float64' })
/** A UUID, in 16 bytes. */
export const uuid = (): Plain<Uuid> => new Field({ kind: 'uuid' })
/** Text, in UTF-8. */
export const string = (): Plain<string> => new Field({ kind: 'string' })
/** Bytes. Decoding yields a slice of the input. */
export const bytes = (): Plain<Buffer> => new Field({ kind: 'bytes' })
/** Record batches, never looked into here. Decoding yields a slice of the input. */
export const records = (): Plain<Buffer> => new Field({ kind: 'records' })

/** Any number of one type: `array(int32())`, or of structs: `array({ name: string(), ... })`. */
export function array<const E extends AnyField | Fields>(
  element: E,
): Field<readonly ValueOf<E>[], readonly InputOf<E>[], false> {
  return new Field({ kind: 'array', element: typeOf(element) })
}

/** Fields within a field. */
export function struct<const F extends Fields>(fields: F): Field<ValueOf<F>, InputOf<F>, false> {
  return new Field({ kind: 'struct', fields })
}

function typeOf(element: AnyField | Fields): WireType {
  return element instanceof Field ? element.type : { kind: 'struct', fields: element }
}
