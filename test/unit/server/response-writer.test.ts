import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timers } from '../../../src/env/timers.ts'
import { MovableDeadline } from '../../../src/server/movable-deadline.ts'
import { type ByteSink, ResponseWriter, type SentPieces } from '../../../src/server/response-writer.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'

const seed = process.env['TIDEMARK_SEED']

/** A socket that takes a step when it is told to. */
class SlowSink implements ByteSink {
  readonly written: Uint8Array[] = []
  #onWritten: (() => void) | undefined

  cork(): void {}
  uncork(): void {}

  write(bytes: Uint8Array, onWritten?: () => void): boolean {
    this.written.push(bytes)
    this.#onWritten = onWritten
    return false
  }

  take(): void {
    const onWritten = this.#onWritten
    this.#onWritten = undefined
    onWritten?.()
  }
}

function slowWriter(delayMs: number, sent?: SentPieces) {
  const clock = new ManualClock()
  const sink = new SlowSink()
  let dueCount = 0
  let progressCount = 0
  const deadline = new MovableDeadline(clock, new Timers(clock), delayMs, () => dueCount++)
  const writer = new ResponseWriter(sink, deadline, () => progressCount++, sent)
  return { clock, sink, writer, dueCount: () => dueCount, progressCount: () => progressCount }
}

test('everything is sent in order, at most 256 KiB at a time, none of it copied', () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 4 }), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(sizes, (responses) => {
      const { sink, writer } = slowWriter(1000)
      const sent = responses.map((parts) => parts.map((size) => Buffer.alloc(size, size & 0xff)))
      for (const response of sent) writer.send(response)
      let unsentBytes = sent.flat().reduce((sum, { length }) => sum + length, 0)
      for (let step = 0; writer.unsentBytes > 0; step++) {
        expect(writer.unsentBytes).toBe(unsentBytes)
        const before = writer.unsentBytes
        sink.take()
        expect(before - writer.unsentBytes).toBeLessThanOrEqual(256 * 1024)
        unsentBytes = writer.unsentBytes
      }
      const memory = new Set(sent.flat().map(({ buffer }) => buffer))
      expect(sink.written.every(({ buffer }) => memory.has(buffer as ArrayBuffer))).toBe(true)
      expect(Buffer.concat(sink.written).equals(Buffer.concat(sent.flat()))).toBe(true)
    }),
    { numRuns: 30, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  )
})

test('the deadline counts from each step that the client took', async () => {
  const { clock, sink, writer, dueCount, progressCount } = slowWriter(100)
  writer.send([Buffer.alloc(600 * 1024)])
  for (let step = 0; step < 2; step++) {
    await clock.runFor(99)
    sink.take()
  }
  expect([dueCount(), progressCount()]).toEqual([0, 2])
  expect(writer.unsentBytes).toBe(88 * 1024)
  await clock.runFor(100)
  expect(dueCount()).toBe(1)
})

test('no deadline runs when nothing is to be sent, and nothing is sent after the close', async () => {
  const { clock, sink, writer, dueCount, progressCount } = slowWriter(100)
  writer.send([Buffer.alloc(10)])
  sink.take()
  await clock.runFor(1000)
  expect([dueCount(), progressCount()]).toEqual([0, 1])
  writer.send([Buffer.alloc(300 * 1024)])
  writer.close()
  sink.take()
  await clock.runFor(1000)
  expect([dueCount(), progressCount()]).toEqual([0, 1])
  expect(sink.written.length).toBe(2)
})

test('a buffer is given back once, when the system has taken all of it, in whatever steps', () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 4 }), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(sizes, (responses) => {
      const given: Buffer[] = []
      const { sink, writer } = slowWriter(1000, { giveBack: (piece) => void given.push(piece) })
      const sent = responses.map((parts) => parts.map((size) => Buffer.allocUnsafeSlow(size)))
      for (const response of sent) writer.send(response)
      let restBytes = writer.unsentBytes
      const ends = sent.flat().map(({ length }) => length)
      for (const [index, length] of ends.entries()) ends[index] = (ends[index - 1] ?? 0) + length
      const totalBytes = restBytes
      for (; restBytes > 0; restBytes = writer.unsentBytes) {
        sink.take()
        const takenBytes = totalBytes - writer.unsentBytes
        expect(given.length).toBe(ends.filter((end) => end <= takenBytes).length)
      }
      expect(given.map(({ buffer }) => buffer)).toEqual(sent.flat().map(({ buffer }) => buffer))
    }),
    { numRuns: 30, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  )
})

test('of a connection that was lost nothing is given back: the system may be at it', () => {
  const given: Buffer[] = []
  const { sink, writer } = slowWriter(1000, { giveBack: (piece) => void given.push(piece) })
  const [small, large, waiting] = [10, 300 * 1024, 10].map((size) => Buffer.allocUnsafeSlow(size))
  if (!small || !large || !waiting) throw new Error('there are three')
  writer.send([small, large, waiting])
  sink.take()
  // With the first part of the second the first went out whole: more is not known to be sent.
  expect(given).toEqual([small])
  writer.close()
  sink.take()
  expect(given).toEqual([small])
})
