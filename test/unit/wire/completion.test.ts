import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyMessage } from '../../../src/wire/api-keys.ts'
import { defaultTest } from '../../../src/wire/default-value.ts'
import type { AnyField, Fields, WireType } from '../../../src/wire/field.ts'
import { produceRequest } from '../../../src/wire/messages/00-produce.ts'
import { offsetFetchRequest } from '../../../src/wire/messages/09-offset-fetch.ts'
import { declaredMessages } from './declared-messages.ts'
import { messageArbitrary } from './message-arbitrary.ts'

/** Completing a message is encoding and decoding it without either, for every message in every version. */

const seed = process.env['TIDEMARK_SEED']
const parameters = { numRuns: 6, ...(seed !== undefined && { seed: Number(seed) }) }

describe('a completed message is what decoding yields', () => {
  for (const [name, message] of declaredMessages)
    test(name, () => {
      for (let version = message.minVersion; version <= message.maxVersion; version++)
        fc.assert(
          fc.property(messageArbitrary(message, version), (value) => check(message, version, value)),
          parameters,
        )
    })
})

/** As it is, and with all left out that encoding does without. */
function check(message: AnyMessage, version: number, value: unknown): void {
  const codec = message.at(version)
  for (const input of [value, shortened(message.fields, value)]) {
    const decoded = codec.decode(codec.encode(input as never))
    const completed = codec.complete(input as never)
    expect(completed).toEqual(decoded)
    expect(Object.keys(completed as object)).toEqual(Object.keys(decoded as object))
  }
}

function shortened(fields: Fields, value: unknown): unknown {
  const entries = Object.entries(fields).flatMap(([name, field]) => {
    const given = (value as Record<string, unknown>)[name]
    return defaultTest(field)(given) ? [] : [[name, shortenedField(field, given)]]
  })
  return Object.fromEntries(entries) as unknown
}

function shortenedField({ type }: AnyField, value: unknown): unknown {
  return value === null ? null : shortenedType(type, value)
}

function shortenedType(type: WireType, value: unknown): unknown {
  if (type.kind === 'struct') return shortened(type.fields, value)
  if (type.kind === 'array') return (value as unknown[]).map((each) => shortenedType(type.element, each))
  return value
}

describe('what has no form in a version', () => {
  const data = { index: 0, records: null }
  const produce = { acks: 1, timeoutMs: 1, topicData: [{ name: 't', partitionData: [data] }] }

  /** The error of completing, which is the one of encoding. */
  function refusal(version: number, request: unknown): unknown {
    const codec = produceRequest.at(version)
    const errors = [() => codec.encode(request as never), () => codec.complete(request as never)].map(caught)
    expect(errors[1]).toEqual(errors[0])
    return errors[1]
  }

  test('is refused in the words of encoding', () => {
    expect(refusal(3, { ...produce, acks: 40_000 })).toMatch(/v3, acks: must be an int16, got 40000/)
    expect(refusal(3, { ...produce, acks: null })).toMatch(/acks: must be an int16, got null/)
    expect(refusal(3, { ...produce, topicData: [{ name: 5, partitionData: [] }] })).toMatch(
      /topicData\[0\]\.name: must be a string/,
    )
    expect(refusal(3, { ...produce, topicData: null })).toMatch(/topicData: must not be null/)
    expect(refusal(3, 'text')).toMatch(/must be an object, got text/)
    expect(refusal(3, { ...produce, topicData: [null] })).toMatch(
      /topicData\[0\]: must be an object, got null/,
    )
    expect(refusal(13, produce)).toBe('no error')
  })

  test('is refused when it would be lost', () => {
    const codec = offsetFetchRequest.at(8)
    const request = { groupId: 'g', topics: [], groups: [] }
    const refused = [() => codec.encode(request), () => codec.complete(request)].map(caught)
    expect(refused[0]).toMatch(/groupId: is not in this version, and has a value other than its default/)
    expect(refused[1]).toBe(refused[0])
  })
})

function caught(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return String(error)
  }
  return 'no error'
}

describe('the records of a completed message', () => {
  const request = (records: Buffer) => ({
    ...{ acks: 1, timeoutMs: 1 },
    topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
  })

  test('are the same Buffer, or what is made of them', () => {
    const records = Buffer.from('abc')
    const kept = produceRequest.at(9).complete(request(records)).topicData[0]?.partitionData[0]?.records
    expect(kept).toBe(records)
    const copied = produceRequest.at(9).complete(request(records), (bytes) => Buffer.from(bytes))
    const copy = copied.topicData[0]?.partitionData[0]?.records
    expect(copy).toEqual(records)
    expect(copy).not.toBe(records)
  })
})
