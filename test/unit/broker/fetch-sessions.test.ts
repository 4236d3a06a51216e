import { expect, test } from 'vitest'
import { FetchSessions } from '../../../src/broker/fetch-sessions.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import { fetchRequest, type FetchRequestInput } from '../../../src/wire/messages/01-fetch.ts'

const version = 12
const evictionMs = 120_000

function sessionsOf(
  given: { readonly seed?: number; readonly clock?: ManualClock; readonly slots?: number } = {},
) {
  const { seed = 1, clock = new ManualClock(), slots = 10 } = given
  const sessions = new FetchSessions(clock, slots, seededRandom(seed), 200)
  const take = (input: Partial<FetchRequestInput>, partitionCount = 0, topic = 'orders') => {
    const partitions = Array.from({ length: partitionCount }, (_, partition) => ({
      ...{ partition, fetchOffset: 0, partitionMaxBytes: 1000 },
    }))
    const topics = partitionCount === 0 ? [] : [{ topic, partitions }]
    const codec = fetchRequest.at(version)
    const whole = { maxWaitMs: 0, minBytes: 1, forgottenTopicsData: [], ...input, topics }
    return sessions.take(codec.decode(codec.encode(whole)), false)
  }
  return { sessions, take }
}

test('a client of before a restart does not come upon the session of another one', () => {
  const before = sessionsOf({ seed: 1 })
  const { sessionId } = before.take({ sessionEpoch: 0 }, 3)
  const after = sessionsOf({ seed: 2 })
  const others = Array.from({ length: 10 }, () => after.take({ sessionEpoch: 0 }, 1).sessionId)
  expect(others).not.toContain(0)
  expect(() => after.take({ sessionId, sessionEpoch: 1 })).toThrow(
    new KafkaError('FETCH_SESSION_ID_NOT_FOUND', `there is no fetch session ${sessionId}`),
  )
})

test('more than all sessions may remember is fetched in full', () => {
  const { sessions, take } = sessionsOf()
  const first = take({ sessionEpoch: 0 }, 150)
  expect(first.sessionId).toBeGreaterThan(0)
  const second = take({ sessionEpoch: 0 }, 60)
  expect([second.sessionId, second.partitions.length, sessions.count]).toEqual([0, 60, 1])
  // What is given up is free for others.
  take({ sessionId: first.sessionId, sessionEpoch: -1 })
  expect(sessions.count).toBe(0)
  expect(take({ sessionEpoch: 0 }, 60).sessionId).toBeGreaterThan(0)
})

test('a session that has grown too large is served once more, and is gone', () => {
  const { sessions, take } = sessionsOf()
  const { sessionId } = take({ sessionEpoch: 0 }, 1)
  const grown = take({ sessionId, sessionEpoch: 1 }, 200, 'payments')
  expect([grown.sessionId, grown.partitions.length, sessions.count]).toEqual([sessionId, 201, 0])
  expect(() => take({ sessionId, sessionEpoch: 2 })).toThrow(KafkaError)
  expect(take({ sessionEpoch: 0 }, 200).sessionId).toBeGreaterThan(0)
})

test('those that were not used for long make room, be it of slots or of what is remembered', () => {
  const clock = new ManualClock()
  const { sessions, take } = sessionsOf({ clock, slots: 2 })
  take({ sessionEpoch: 0 }, 150)
  take({ sessionEpoch: 0 }, 1)
  expect(take({ sessionEpoch: 0 }, 1).sessionId).toBe(0)
  clock.advance(evictionMs)
  expect(take({ sessionEpoch: 0 }, 150).sessionId).toBeGreaterThan(0)
  expect(sessions.count).toBe(2)
  clock.advance(evictionMs)
  expect(take({ sessionEpoch: 0 }, 199).sessionId).toBeGreaterThan(0)
  expect(sessions.count).toBe(1)
})
