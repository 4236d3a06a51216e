import type { AnyMessage } from '../../src/wire/api-keys.ts'
import { defaultValueOf } from '../../src/wire/default-value.ts'
import type { AnyField, Fields, WireType } from '../../src/wire/field.ts'

/** A frame that holds as many elements of one array as it can: what expands most when it is decoded. */
export interface CrowdedFrame {
  /** The array, such as `topics.partitions`, and what its elements are filled with. */
  readonly path: string
  readonly bytes: Buffer
}

/** What the fields of an element hold: nothing, or the least that takes memory of its own. */
interface Filling {
  readonly text: string
  readonly bytes: Buffer
  readonly elementCount: number
}

type Struct = Readonly<Record<string, unknown>>

/** Each way to fill: text of two letters is the shortest that has an object to itself. */
const fillings: readonly Filling[] = ['', 'ab'].flatMap((text) =>
  [0, 1].flatMap((byteCount) =>
    [0, 1].map((elementCount) => ({ text, bytes: Buffer.alloc(byteCount), elementCount })),
  ),
)

/** For each array of `version` of `message`, frames of about `frameBytes` that are full of small elements of it. */
export function crowdedFrames(message: AnyMessage, version: number, frameBytes: number): CrowdedFrame[] {
  const codec = message.at(version)
  const encode = (value: Struct): Buffer => codec.encode(value as never)
  return arrayPaths(message.fields, version).flatMap((path) => {
    const crowd = (filling: Filling, count: number): Buffer =>
      encode(withElements(message.fields, version, path, filling, count))
    return distinctFillings(crowd).map((filling) => {
      const oneBytes = crowd(filling, 1).length
      const count = Math.max(1, Math.floor((frameBytes - oneBytes) / (crowd(filling, 2).length - oneBytes)))
      return { path: `${path.join('.')} ${wordsOf(filling)}`, bytes: crowd(filling, count) }
    })
  })
}

/** Elements without text, bytes or arrays come out the same, however they are filled. */
function distinctFillings(crowd: (filling: Filling, count: number) => Buffer): Filling[] {
  const seen = new Set<string>()
  return fillings.filter((filling) => {
    const frame = crowd(filling, 1).toString('hex')
    return !seen.has(frame) && seen.add(frame)
  })
}

function wordsOf({ text, bytes, elementCount }: Filling): string {
  const words = [
    text === '' ? '' : 'text',
    bytes.length === 0 ? '' : 'bytes',
    elementCount === 0 ? '' : 'arrays',
  ]
  return `(${words.filter((word) => word !== '').join(', ')})`
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
function withElements(
  fields: Fields,
  version: number,
  [name = '', ...rest]: readonly string[],
  filling: Filling,
  count: number,
): Struct {
  const type = fields[name]?.type
  if (type === undefined) return {}
  const inner = structFields(type)
  if (rest.length > 0 && inner !== undefined) {
    const value = withElements(inner, version, rest, filling, count)
    return { ...defaultsOf(fields), [name]: type.kind === 'array' ? [value] : value }
  }
  const element = type.kind === 'array' ? valueOf(type.element, version, filling) : undefined
  return { ...defaultsOf(fields), [name]: Array.from({ length: count }, () => element) }
}

function defaultsOf(fields: Fields): Struct {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, defaultValueOf(field)]))
}

function structOf(fields: Fields, version: number, filling: Filling): Struct {
  const isFilled = (field: AnyField): boolean => field.isIn(version) && field.traits.tag === undefined
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = isFilled(field) ? valueOf(field.type, version, filling) : undefined
    // Nothing to say means the least bytes, and null is often the least.
    return [name, isNothing(value) ? defaultValueOf(field) : value] as const
  })
  return Object.fromEntries(entries)
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === 0 || (hasLength(value) && value.length === 0)
}

function hasLength(value: unknown): value is { readonly length: number } {
  return typeof value === 'string' || Array.isArray(value) || Buffer.isBuffer(value)
}

function valueOf(type: WireType, version: number, filling: Filling): unknown {
  switch (type.kind) {
    case 'struct':
      return structOf(type.fields, version, filling)
    case 'array':
      return Array.from({ length: filling.elementCount }, () => valueOf(type.element, version, filling))
    case 'string':
      return filling.text
    case 'bytes':
    case 'records':
      return filling.bytes
    case 'uuid':
      return 'AQEBAQEBAQEBAQEBAQEBAQ'
    case 'bool':
      return false
    default:
      return 0
  }
}

function structFields(type: WireType): Fields | undefined {
  const inner = type.kind === 'array' ? type.element : type
  return inner.kind === 'struct' ? inner.fields : undefined
}
