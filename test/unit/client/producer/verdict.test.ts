import { expect, test } from 'vitest'
import { verdictOf } from '../../../../src/client/producer/verdict.ts'
import { type ErrorName, errorCodes } from '../../../../src/wire/error-codes.ts'

test.each([
  ['NONE', 'written'],
  ['DUPLICATE_SEQUENCE_NUMBER', 'written'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'out-of-sequence'],
  ['UNKNOWN_PRODUCER_ID', 'out-of-sequence'],
  ['MESSAGE_TOO_LARGE', 'too-large'],
  ['NOT_LEADER_OR_FOLLOWER', 'again'],
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'again'],
  ['INVALID_RECORD', 'refused'],
  ['INVALID_PRODUCER_EPOCH', 'refused'],
  ['UNKNOWN_SERVER_ERROR', 'refused'],
] as const satisfies readonly (readonly [ErrorName, string])[])('%s means: %s', (name, verdict) => {
  expect(verdictOf(errorCodes[name])).toBe(verdict)
})
