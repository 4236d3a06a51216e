import type { Codec } from './codec.ts'
import { defaultValueOf } from './default-value.ts'
import type { AnyField, Fields } from './field.ts'

/** A field of a struct, in a version that has it. */
export interface Member {
  readonly name: string
  readonly field: AnyField
  readonly codec: Codec
  /** Stands for a value that the input leaves out. */
  readonly defaultValue: unknown
}

/** The fields that `version` has, split into those in order and those under a tag. */
export interface Members {
  readonly inOrder: readonly Member[]
  readonly tagged: readonly Member[]
}

/** The fields of `fields` that `version` has, with their codecs. */
export function membersOf(fields: Fields, version: number, codecOf: (field: AnyField) => Codec): Members {
  const members = Object.entries(fields)
    .filter(([, field]) => field.isIn(version))
    .map(([name, field]) => ({ name, field, codec: codecOf(field), defaultValue: defaultValueOf(field) }))
  return {
    inOrder: members.filter(({ field }) => field.traits.tag === undefined),
    tagged: members.filter(({ field }) => field.traits.tag !== undefined),
  }
}
