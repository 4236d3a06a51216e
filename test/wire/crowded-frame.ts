import type { AnyMessage } from '../../src/wire/api-keys.ts'
import { defaultValueOf } from '../../src/wire/default-value.ts'
import type { Fields, WireType } from '../../src/wire/field.ts'

/** A frame that holds as many elements of one array as it can: what expands most when it is decoded. */
export interface CrowdedFrame {
  /** The array, such as `topics.partitions`. */
  readonly path: string
  readonly bytes: Buffer
}

type Struct = Readonly<Record<string, unknown>>

/** For each array of `version` of `message` a frame of about `frameBytes` that is full of its smallest elements. */
export function crowdedFrames(message: AnyMessage, version: number, frameBytes: number): CrowdedFrame[] {
  const codec = message.at(version)
  const encode = (value: Struct): Buffer => codec.encode(value as never)
  return arrayPaths(message.fields, version).map((path) => {
    const oneBytes = encode(withElements(message.fields, path, 1)).length
    const twoBytes = encode(withElements(message.fields, path, 2)).length
    const count = Math.max(1, Math.floor((frameBytes - oneBytes) / Math.max(1, twoBytes - oneBytes)))
    return { path: path.join('.'), bytes: encode(withElements(message.fields, path, count)) }
  })
}

/** The names that lead to each array, through structs and through arrays of structs. */
function arrayPaths(fields: Fields, version: number): string[][] {
  return Object.entries(fields)
    .filter(([, field]) => field.isIn(version))
    .flatMap(([name, { type }]) => {
      const inner = structFields(type)
      const deeper = inner === undefined ? [] : arrayPaths(inner, version).map((path) => [name, ...path])
      return type.kind === 'array' ? [[name], ...deeper] : deeper
    })
}

/** A value of nothing but defaults, except for `count` elements at `path` and one of each array on the way. */
function withElements(fields: Fields, [name = '', ...rest]: readonly string[], count: number): Struct {
  const type = fields[name]?.type
  if (type === undefined) return {}
  const inner = structFields(type)
  if (rest.length > 0 && inner !== undefined) {
    const value = withElements(inner, rest, count)
    return { ...smallest(fields), [name]: type.kind === 'array' ? [value] : value }
  }
  const element = type.kind === 'array' ? smallestElement(type.element) : undefined
  return { ...smallest(fields), [name]: Array.from({ length: count }, () => element) }
}

/** Nothing to say means the least bytes: no text, no elements, null where that is allowed. */
function smallest(fields: Fields): Struct {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, defaultValueOf(field)]))
}

function smallestElement(type: WireType): unknown {
  return type.kind === 'struct' ? smallest(type.fields) : zeros[type.kind]
}

const zeros: Readonly<Record<string, unknown>> = {
  int8: 0,
  int16: 0,
  int32: 0,
  int64: 0,
  string: '',
  uuid: 'AQEBAQEBAQEBAQEBAQEBAQ',
}

function structFields(type: WireType): Fields | undefined {
  const inner = type.kind === 'array' ? type.element : type
  return inner.kind === 'struct' ? inner.fields : undefined
}
