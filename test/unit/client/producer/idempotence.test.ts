import { describe, expect, test } from 'vitest'
import type { ProducerStamp } from '../../../../src/batch/patch.ts'
import { DeliveryWindow, nextEpoch, type WindowedBatch } from '../../../../src/client/producer/idempotence.ts'

class FakeBatch implements WindowedBatch {
  readonly name: string
  readonly recordsCount: number
  attempts = 0
  isInFlight = false
  retryAtMs = Number.NEGATIVE_INFINITY
  stamped: ProducerStamp | undefined

  constructor(name: string, recordsCount = 10) {
    this.name = name
    this.recordsCount = recordsCount
  }

  stamp(stamp: ProducerStamp): void {
    this.stamped = stamp
  }

  get sequence(): string {
    return `${this.stamped?.producerEpoch}:${this.stamped?.baseSequence}`
  }
}

const identity = { producerId: 7, producerEpoch: 0 }

function sendAgain(window: DeliveryWindow<FakeBatch>, nowMs = 1000): FakeBatch | undefined {
  const batch = window.next(nowMs)
  if (batch === undefined) return undefined
  batch.isInFlight = true
  batch.attempts++
  return batch
}

function send(window: DeliveryWindow<FakeBatch>, name: string, recordsCount = 10): FakeBatch {
  const batch = new FakeBatch(name, recordsCount)
  window.take(batch)
  expect(sendAgain(window)).toBe(batch)
  return batch
}

/** A window whose producer the broker knows, with batches of ten records under way; their sequences begin with 0:1. */
function windowWith(...names: string[]): [DeliveryWindow<FakeBatch>, ...FakeBatch[]] {
  const window = new DeliveryWindow<FakeBatch>({ isIdempotent: true, maxInFlight: 5 })
  window.begin(identity)
  window.acknowledge(send(window, 'first', 1))
  return [window, ...names.map((name) => send(window, name))]
}

describe('sequences', () => {
  test('follow each other, and start over after 2^31 - 1', () => {
    const window = new DeliveryWindow<FakeBatch>({ isIdempotent: true, maxInFlight: 5 })
    expect(window.needsIdentity).toBe(true)
    expect(window.hasRoom).toBe(false)
    window.begin(identity)
    window.acknowledge(send(window, 'a', 2 ** 31 - 1))
    expect(send(window, 'b').sequence).toBe('0:2147483647')
    expect(send(window, 'c').sequence).toBe('0:9')
  })

  test('the first batch goes alone, and then five at most', () => {
    const window = new DeliveryWindow<FakeBatch>({ isIdempotent: true, maxInFlight: 5 })
    window.begin(identity)
    const first = send(window, 'first')
    expect(window.hasRoom).toBe(false)
    window.acknowledge(first)
    for (const name of 'abcde') send(window, name)
    expect(window.hasRoom).toBe(false)
    expect(window.batches.map(({ name }) => name).join('')).toBe('abcde')
  })

  test('after epoch 32767 there is none', () => {
    expect(nextEpoch({ producerId: 7, producerEpoch: 32_766 })).toEqual({
      producerId: 7,
      producerEpoch: 32_767,
    })
    expect(nextEpoch({ producerId: 7, producerEpoch: 32_767 })).toBeUndefined()
  })

  test('without idempotence there are none, and nothing goes alone', () => {
    const window = new DeliveryWindow<FakeBatch>({ isIdempotent: false, maxInFlight: 2 })
    const a = send(window, 'a')
    const b = send(window, 'b')
    expect([a.stamped, window.hasRoom, window.needsIdentity]).toEqual([undefined, false, false])
    window.retry(a, 5)
    window.retry(b, 5)
    expect([sendAgain(window), sendAgain(window)]).toEqual([a, b])
    window.giveUp(a)
    expect(window.hasRoom).toBe(true)
  })
})

describe('when something goes wrong', () => {
  test('the second of five fails: those behind it follow it, one by one, under the same sequences', () => {
    const [window, ...batches] = windowWith('a', 'b', 'c', 'd', 'e')
    const [a, b, c, d, e] = batches as [FakeBatch, FakeBatch, FakeBatch, FakeBatch, FakeBatch]
    window.acknowledge(a)
    window.retry(b, 500)
    for (const behind of [c, d, e]) expect(window.refuteSequence(behind, 100)).toBe(false)
    expect(window.next(499)).toBeUndefined()
    expect(window.nextAtMs).toBe(500)
    expect(window.needsIdentity).toBe(false)
    for (const each of [b, c, d, e]) {
      expect(sendAgain(window)).toBe(each)
      expect(sendAgain(window), 'one at a time').toBeUndefined()
      expect(window.hasRoom).toBe(false)
      window.acknowledge(each)
    }
    expect([b, c, d, e].map(({ sequence }) => sequence)).toEqual(['0:11', '0:21', '0:31', '0:41'])
    expect(window.isEmpty && window.hasRoom).toBe(true)
  })

  test('a gap: what is behind it begins the next epoch, but not before the last attempt is over', () => {
    const [window, a, b, c] = windowWith('a', 'b', 'c') as [
      DeliveryWindow<FakeBatch>,
      FakeBatch,
      FakeBatch,
      FakeBatch,
    ]
    window.giveUp(a)
    expect(window.needsIdentity).toBe(false)
    window.refuteSequence(b, 0)
    expect(window.needsIdentity, 'c is under way').toBe(false)
    expect(sendAgain(window)).toBeUndefined()
    window.refuteSequence(c, 0)
    expect(window.needsIdentity).toBe(true)
    window.begin({ producerId: 7, producerEpoch: 1 })
    expect([b.sequence, c.sequence]).toEqual(['1:0', '1:10'])
    expect([sendAgain(window), sendAgain(window)]).toEqual([b, undefined])
  })

  test('what was given up and written all the same is no gap', () => {
    const [window, a, b] = windowWith('a', 'b') as [DeliveryWindow<FakeBatch>, FakeBatch, FakeBatch]
    window.giveUp(a)
    window.acknowledge(b)
    expect(window.isEmpty && !window.needsIdentity).toBe(true)
    expect(send(window, 'c').sequence).toBe('0:21')
  })

  test('a gap behind which there is nothing begins the next epoch at once', () => {
    const [window, a] = windowWith('a') as [DeliveryWindow<FakeBatch>, FakeBatch]
    window.giveUp(a)
    expect(window.needsIdentity).toBe(true)
    window.begin({ producerId: 7, producerEpoch: 1 })
    expect(window.isEmpty, 'the gap is forgotten').toBe(true)
    expect(send(window, 'b').sequence).toBe('1:0')
  })

  test('an answer that comes when its epoch is over changes nothing', () => {
    const [window, a] = windowWith('a') as [DeliveryWindow<FakeBatch>, FakeBatch]
    window.giveUp(a)
    window.begin({ producerId: 7, producerEpoch: 1 })
    const b = send(window, 'b')
    window.acknowledge(a)
    expect(window.needsIdentity).toBe(false)
    expect(window.hasRoom, 'the broker has taken nothing of this epoch yet').toBe(false)
    window.giveUp(b)
    window.acknowledge(a)
    expect(window.needsIdentity, 'the gap that b has left is still one').toBe(true)
  })

  test('what was given up, and turns out to be written while the epoch is not over yet, is no gap', () => {
    const [window, a, b, c] = windowWith('a', 'b', 'c') as [
      DeliveryWindow<FakeBatch>,
      FakeBatch,
      FakeBatch,
      FakeBatch,
    ]
    window.giveUp(a)
    window.refuteSequence(b, 0)
    window.acknowledge(a)
    window.refuteSequence(c, 0)
    expect(window.needsIdentity, 'b comes next, and nothing is missing before it').toBe(false)
    expect([sendAgain(window), b.sequence]).toEqual([b, '0:11'])
  })

  test('what is given up although it was written leaves no gap, and its sequences to nobody', () => {
    const [window, a, b] = windowWith('a', 'b') as [DeliveryWindow<FakeBatch>, FakeBatch, FakeBatch]
    window.retry(a, 0)
    window.acknowledge(b)
    window.giveUp(a)
    expect(window.isEmpty && !window.needsIdentity && window.hasRoom).toBe(true)
    expect(send(window, 'c').sequence).toBe('0:21')
  })

  test('a gap in the middle waits for what is before it', () => {
    const [window, a, b, c] = windowWith('a', 'b', 'c') as [
      DeliveryWindow<FakeBatch>,
      FakeBatch,
      FakeBatch,
      FakeBatch,
    ]
    window.retry(a, 0)
    window.giveUp(b)
    window.refuteSequence(c, 0)
    expect(window.needsIdentity).toBe(false)
    expect(sendAgain(window)).toBe(a)
    window.acknowledge(a)
    expect(sendAgain(window)).toBe(c)
    window.refuteSequence(c, 0)
    expect(window.needsIdentity).toBe(true)
  })

  test('a broker that has forgotten a batch cannot have taken the next one without it', () => {
    const [window, a, b] = windowWith('a', 'b') as [DeliveryWindow<FakeBatch>, FakeBatch, FakeBatch]
    window.retry(a, 0)
    window.acknowledge(b)
    expect(window.isWritten(a)).toBe(true)
    sendAgain(window)
    expect(window.refuteSequence(a, 0)).toBe(true)
    expect(window.needsIdentity).toBe(false)
  })

  test('a broker that has lost what it had makes the producer begin anew', () => {
    const [window, a] = windowWith('a') as [DeliveryWindow<FakeBatch>, FakeBatch]
    expect(window.refuteSequence(a, 0)).toBe(false)
    expect(window.needsIdentity).toBe(true)
  })

  test('the parts of a batch take over its sequences', () => {
    const [window, a, b] = windowWith('a', 'b') as [DeliveryWindow<FakeBatch>, FakeBatch, FakeBatch]
    a.isInFlight = false
    const parts = [new FakeBatch('a1', 4), new FakeBatch('a2', 6)]
    window.replace(a, parts)
    window.refuteSequence(b, 0)
    expect(parts.map(({ sequence }) => sequence)).toEqual(['0:1', '0:5'])
    expect([sendAgain(window), sendAgain(window)]).toEqual(parts)
    for (const part of parts) window.acknowledge(part)
    expect(sendAgain(window)).toBe(b)
  })
})
