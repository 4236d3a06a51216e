import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FetchSessions } from '../../../../src/broker/fetch-sessions.ts'
import { FetchSession, type WantedPartition } from '../../../../src/client/consumer/fetch-session.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { type FetchRequest, fetchRequest } from '../../../../src/wire/messages/01-fetch.ts'

const seed = process.env['TIDEMARK_SEED']
const seeded = seed === undefined ? {} : { seed: Number(seed) }

function idOf(topic: string, generation = 0): string {
  return Buffer.from(`${topic}${generation}`.padEnd(16, '.')).toString('base64url')
}

function wanted(topic: string, partition: number, fetchOffset = 0, generation = 0): WantedPartition {
  const topicId = idOf(topic, generation)
  return { topic, partition, topicId, fetchOffset, currentLeaderEpoch: 0, partitionMaxBytes: 1000 }
}

/** The request as a broker decodes it. */
function sent(session: FetchSession, partitions: readonly WantedPartition[], version = 17): FetchRequest {
  const part = session.request(partitions, version > 12)
  const codec = fetchRequest.at(version)
  return codec.decode(codec.encode({ maxWaitMs: 0, minBytes: 1, ...part }))
}

function named(request: FetchRequest): string[] {
  return request.topics.flatMap(({ topicId, topic, partitions }) =>
    partitions.map(({ partition, fetchOffset }) => `${topic || topicId} ${partition} ${fetchOffset}`),
  )
}

describe('a fetch session', () => {
  test('names everything once, then what has changed', () => {
    const session = new FetchSession()
    const a = wanted('a', 0)
    const b = wanted('b', 1)
    expect(sent(session, [a, b])).toMatchObject({ sessionId: 0, sessionEpoch: 0 })
    expect(session.answered({ errorCode: 0, sessionId: 7 })).toBe(true)
    const second = sent(session, [a, { ...b, fetchOffset: 5 }])
    expect(second).toMatchObject({ sessionId: 7, sessionEpoch: 1, forgottenTopicsData: [] })
    expect(named(second)).toEqual([`${b.topicId} 1 5`])
    session.answered({ errorCode: 0, sessionId: 7 })
    const third = sent(session, [a])
    expect(third).toMatchObject({ sessionId: 7, sessionEpoch: 2, topics: [] })
    expect(third.forgottenTopicsData).toEqual([{ topic: '', topicId: b.topicId, partitions: [1] }])
  })

  test('begins anew when the broker does not go along, and names the session that it gives up', () => {
    const session = new FetchSession()
    sent(session, [wanted('a', 0)])
    session.answered({ errorCode: 0, sessionId: 7 })
    sent(session, [wanted('a', 0)])
    expect(session.answered({ errorCode: errorCodes.INVALID_FETCH_SESSION_EPOCH, sessionId: 0 })).toBe(false)
    const anew = sent(session, [wanted('a', 0)])
    expect(anew).toMatchObject({ sessionId: 7, sessionEpoch: 0 })
    expect(named(anew)).toHaveLength(1)
    expect(session.answered({ errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0 })).toBe(false)
    expect(sent(session, [wanted('a', 0)])).toMatchObject({ sessionId: 0, sessionEpoch: 0 })
  })

  test('is done without where the broker gives none', () => {
    const session = new FetchSession()
    for (let round = 0; round < 3; round++) {
      const request = sent(session, [wanted('a', 0)])
      expect(request).toMatchObject({ sessionId: 0, sessionEpoch: 0 })
      expect(named(request)).toHaveLength(1)
      session.answered({ errorCode: 0, sessionId: 0 })
    }
  })

  test('takes a topic that was made anew for another one', () => {
    const session = new FetchSession()
    sent(session, [wanted('a', 0)])
    session.answered({ errorCode: 0, sessionId: 7 })
    const request = sent(session, [wanted('a', 0, 0, 1)])
    expect(named(request)).toEqual([`${idOf('a', 1)} 0 0`])
    expect(request.forgottenTopicsData).toMatchObject([{ topicId: idOf('a', 0), partitions: [0] }])
  })

  test('is begun anew when topics are named the other way', () => {
    const session = new FetchSession()
    sent(session, [wanted('a', 0)])
    session.answered({ errorCode: 0, sessionId: 7 })
    expect(named(sent(session, [wanted('a', 0)], 12))).toEqual(['a 0 0'])
    expect(sent(session, [wanted('a', 0)])).toMatchObject({ sessionEpoch: 0 })
  })

  test('finds the topics of answers by id or by name, and leaves out strangers', () => {
    const session = new FetchSession()
    const part = { partitionIndex: 3 } as never
    const response = (topic: string, topicId: string) =>
      ({ responses: [{ topic, topicId, partitions: [part] }] }) as never
    sent(session, [wanted('a', 3)])
    expect([...session.partsOf(response('', idOf('a')))]).toMatchObject([{ topic: 'a', partition: 3 }])
    expect([...session.partsOf(response('', idOf('b')))]).toEqual([])
    sent(session, [wanted('a', 3)], 12)
    expect([...session.partsOf(response('a', idOf('')))]).toMatchObject([{ topic: 'a', partition: 3 }])
  })

  test('tells a broker what it wants, whatever was wanted, lost or forgotten before', () => {
    const partition = fc.record({ topic: fc.constantFrom('a', 'b'), index: fc.nat(3), offset: fc.nat(2) })
    const round = fc.record({
      partitions: fc.uniqueArray(partition, { selector: ({ topic, index }) => `${topic}${index}` }),
      mishap: fc.constantFrom(
        'none',
        'none',
        'none',
        'lost answer',
        'lost request',
        'broker restart',
        'by name',
      ),
    })
    fc.assert(
      fc.property(fc.array(round, { maxLength: 30 }), (rounds) => {
        const session = new FetchSession()
        let broker = new FetchSessions(new ManualClock(), 10)
        for (const { partitions, mishap } of rounds) {
          if (mishap === 'broker restart') broker = new FetchSessions(new ManualClock(), 10)
          const wants = partitions.map(({ topic, index, offset }) => wanted(topic, index, offset))
          const version = mishap === 'by name' ? 12 : 17
          for (let attempt = 0; ; attempt++) {
            expect(attempt).toBeLessThan(3)
            const request = sent(session, wants, version)
            if (mishap === 'lost request' && attempt === 0) {
              session.reset()
              continue
            }
            try {
              const { partitions: read, sessionId } = broker.take(request, version > 12)
              if (mishap === 'lost answer' && attempt === 0) {
                session.reset()
                continue
              }
              const id = (each: { topic: string; topicId: string }) =>
                version > 12 ? each.topicId : each.topic
              const text = (each: {
                topic: string
                topicId: string
                partition: number
                fetchOffset: number
              }) => `${id(each)} ${each.partition} ${each.fetchOffset}`
              expect(read.map(text).toSorted()).toEqual(wants.map(text).toSorted())
              expect(session.answered({ errorCode: 0, sessionId })).toBe(true)
              break
            } catch (error) {
              if (!(error instanceof KafkaError)) throw error
              expect(session.answered({ errorCode: error.kafkaCode, sessionId: 0 })).toBe(false)
            }
          }
        }
      }),
      seeded,
    )
  })
})
