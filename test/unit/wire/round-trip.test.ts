import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyMessage } from '../../../src/wire/api-keys.ts'
import { declaredMessages } from './declared-messages.ts'
import { messageArbitrary } from './message-arbitrary.ts'

/** Whatever a version can carry comes back from its bytes, for every message in every version. */

const seed = process.env['TIDEMARK_SEED']
const parameters = { numRuns: 10, ...(seed !== undefined && { seed: Number(seed) }) }

describe('what is encoded is decoded again', () => {
  for (const [name, message] of declaredMessages)
    test(name, () => {
      for (let version = message.minVersion; version <= message.maxVersion; version++)
        fc.assert(
          fc.property(messageArbitrary(message, version), (value) => checkRoundTrip(message, version, value)),
          parameters,
        )
    })
})

function checkRoundTrip(message: AnyMessage, version: number, value: unknown): void {
  const codec = message.at(version)
  const bytes = codec.encode(value as never)
  expect(codec.decode(bytes)).toEqual(value)
  expect(Buffer.concat(codec.encodeChunks(value as never)).equals(bytes)).toBe(true)
  // Nothing may depend on where in a frame the message begins, or on what follows it.
  const framed = Buffer.concat([Buffer.from([0xff, 0xff, 0xff]), bytes, Buffer.from([0xff])])
  expect(codec.decode(framed, 3)).toEqual(value)
}
