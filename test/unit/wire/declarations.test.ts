import { describe, expect, test } from 'vitest'
import type { AnyMessage } from '../../../src/wire/api-keys.ts'
import { unlimited } from '../../../src/wire/default-value.ts'
import type { AnyField, Fields, WireType } from '../../../src/wire/field.ts'
import { declaredMessages } from './declared-messages.ts'
import { type FieldFact, type MessageFact, messageFacts } from './kafka-facts.ts'

/** Every declaration against Kafka's own message files, field by field. */

const facts = messageFacts()

/** What Kafka has besides: headers, which `headers.ts` codes, and records of its controllers and of control batches. */
const notDeclared = [
  'ControlRecordTypeSchema',
  'KRaftVersionRecord',
  'LeaderChangeMessage',
  'RequestHeader',
  'ResponseHeader',
  'SnapshotFooterRecord',
  'SnapshotHeaderRecord',
  'VotersRecord',
]

/** First and last version, both inclusive. */
type Range = readonly [number, number]

test('everything that Kafka has in any version is declared', () => {
  const existing = [...facts.values()].filter(({ validVersions }) => validVersions !== 'none')
  const missing = existing.map(({ name }) => name).filter((name) => !declaredMessages.has(name))
  expect(missing.sort()).toEqual(notDeclared)
})

describe('declared as Kafka has it', () => {
  for (const [name, message] of declaredMessages)
    test(name, () => {
      const fact = facts.get(name)
      if (fact === undefined) throw new Error(`Kafka has no ${name}`)
      expect(outlineOf(message)).toEqual(outlineOfFact(fact))
    })
})

/** What of a message the two must agree on. */
function outlineOf(message: AnyMessage): unknown {
  return {
    apiKey: message.apiKey,
    versions: [message.minVersion, message.maxVersion],
    flexibleSince: message.flexibleSinceVersion,
    fields: fieldsOutline(message.fields, [message.minVersion, message.maxVersion]),
  }
}

function fieldsOutline(fields: Fields, parent: Range): unknown[] {
  return Object.entries(fields).map(([name, field]) => fieldOutline(name, field, parent))
}

function fieldOutline(name: string, field: AnyField, parent: Range): unknown {
  const range = meet([field.traits.sinceVersion, field.traits.untilVersion], parent)
  if (range === undefined) throw new Error(`${name} is in no version`)
  return {
    name,
    range,
    nullable: meet([field.traits.nullableSinceVersion, Infinity], range),
    tag: field.traits.tag,
    ignorable: field.traits.isIgnorable,
    default: field.traits.defaultValue,
    type: typeOutline(field.type, range),
  }
}

function typeOutline(type: WireType, range: Range): unknown {
  if (type.kind === 'array') return ['array of', typeOutline(type.element, range)]
  return type.kind === 'struct' ? fieldsOutline(type.fields, range) : type.kind
}

/** A coordinator's key has one version, which stands in front of it and which Kafka's files call its API key. */
function outlineOfFact(fact: MessageFact): unknown {
  const versions = rangeOf(fact.validVersions) ?? [0, 0]
  const isKey = fact.type === 'coordinator-key'
  const isOfApi = fact.type === 'request' || fact.type === 'response'
  const flexible = meet(rangeOf(fact.flexibleVersions ?? 'none'), versions)
  const structs = new Map(structsOf([...fact.fields, ...(fact.commonStructs ?? [])]))
  const own: Range = isKey ? [fact.apiKey ?? -1, fact.apiKey ?? -1] : versions
  return {
    apiKey: isOfApi ? fact.apiKey : -1,
    versions: own,
    flexibleSince: flexible?.[0] ?? Infinity,
    fields: isKey
      ? fact.fields.map((field) => factOutline({ ...field, versions: `${own[0]}` }, own, structs))
      : factsOutline(fact.fields, versions, structs),
  }
}

type Structs = ReadonlyMap<string, readonly FieldFact[]>

function factsOutline(fields: readonly FieldFact[], parent: Range, structs: Structs): unknown[] {
  return fields
    .filter((field) => meet(rangeOf(versionsOf(field)), parent) !== undefined)
    .map((field) => factOutline(field, parent, structs))
}

function factOutline(field: FieldFact, parent: Range, structs: Structs): unknown {
  const range = meet(rangeOf(versionsOf(field)), parent) ?? parent
  const tagged = meet(rangeOf(field.taggedVersions ?? 'none'), range)
  // None is tagged in some of its versions only, and the declarations have no word for that.
  if (tagged !== undefined) expect(tagged).toEqual(range)
  return {
    name: camelCase(field.name),
    range,
    nullable: meet(rangeOf(field.nullableVersions ?? 'none'), range),
    tag: tagged === undefined ? undefined : field.tag,
    ignorable: field.ignorable ?? false,
    default: defaultOfFact(field),
    type: factTypeOutline(field.type, range, structs),
  }
}

function factTypeOutline(type: string, range: Range, structs: Structs): unknown {
  if (type.startsWith('[]')) return ['array of', factTypeOutline(type.slice(2), range, structs)]
  const fields = structs.get(type)
  return fields === undefined ? type : factsOutline(fields, range, structs)
}

/** A `null` that is not in quotes is no default for Kafka's generator, which then takes that of the type. */
function defaultOfFact({ type, default: given }: FieldFact): unknown {
  if (given === undefined || given === null) return undefined
  const text = `${given}`
  if (text === 'null') return null
  if (type === 'string') return text
  if (type === 'bool') return text === 'true'
  return text === '9223372036854775807' ? unlimited : Number(text)
}

function* structsOf(
  fields: readonly (Pick<FieldFact, 'name' | 'fields'> & { readonly type?: string })[],
): Generator<[string, readonly FieldFact[]]> {
  for (const { name, type = name, fields: inner } of fields) {
    if (inner === undefined) continue
    yield [type.replace('[]', ''), inner]
    yield* structsOf(inner)
  }
}

function versionsOf({ versions, taggedVersions }: FieldFact): string {
  return versions ?? taggedVersions ?? 'none'
}

function rangeOf(versions: string): Range | undefined {
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(versions)
  if (match === null) return undefined
  const first = Number(match[1])
  return [first, match[2] === '+' ? Infinity : Number(match[3] ?? first)]
}

function meet(a: Range | undefined, b: Range): Range | undefined {
  if (a === undefined) return undefined
  const both: Range = [Math.max(a[0], b[0]), Math.min(a[1], b[1])]
  return both[0] <= both[1] ? both : undefined
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
