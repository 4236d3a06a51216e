import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameAssembler, type FrameRoom } from '../../../src/wire/frame-assembler.ts'
import { FrameMemory } from '../../../src/wire/frame-memory.ts'

const seed = process.env['TIDEMARK_SEED']
const parameters = { numRuns: 300, ...(seed === undefined ? {} : { seed: Number(seed) }) }

const roomy: FrameRoom = { accept: () => {}, take: () => true }

function acceptUpTo(maxBytes: number): FrameRoom['accept'] {
  return (sizeBytes) => {
    if (sizeBytes <= 0 || sizeBytes > maxBytes) throw new RangeError(`${sizeBytes} bytes`)
  }
}

function framed(content: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(content.length)
  return Buffer.concat([size, content])
}

function drain(assembler: FrameAssembler): Buffer[] {
  const frames: Buffer[] = []
  for (let frame = assembler.next(); frame !== undefined; frame = assembler.next()) frames.push(frame)
  return frames
}

/** Sends `stream` cut at `cuts`, each chunk in memory of its own as a socket's are. */
function sendInPieces(assembler: FrameAssembler, stream: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b)
  let start = 0
  return ends.flatMap((end) => {
    const chunk = Buffer.allocUnsafeSlow(end - start)
    stream.copy(chunk, 0, start, end)
    start = end
    assembler.push(chunk)
    return drain(assembler)
  })
}

function body(size: number, fill: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + fill) & 0xff))
}

describe('frames', () => {
  test('come out the same however the stream is cut', () => {
    const bodies = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(255)), { maxLength: 20 })
    const cuts = fc.array(fc.nat(10_000), { maxLength: 40 })
    fc.assert(
      fc.property(bodies, cuts, (sizes, places) => {
        const sent = sizes.map(([size, fill]) => body(size, fill))
        const assembler = new FrameAssembler(roomy)
        const got = sendInPieces(assembler, Buffer.concat(sent.map(framed)), places)
        expect(got.map((frame) => frame.toString('hex'))).toEqual(sent.map((frame) => frame.toString('hex')))
        expect(assembler.isMidFrame).toBe(false)
        expect(assembler.isDrained).toBe(true)
        expect(assembler.beganCount).toBe(sent.length)
      }),
      parameters,
    )
  })

  test('come out the same whenever room is refused, and what is taken is what they hold', () => {
    const bodies = fc.array(fc.integer({ min: 1, max: 9000 }), { maxLength: 6 })
    fc.assert(
      fc.property(
        bodies,
        fc.array(fc.nat(60_000), { maxLength: 10 }),
        fc.infiniteStream(fc.boolean()),
        (...given) => {
          const [sizes, places, refusals] = given
          const sent = sizes.map((size) => body(size, size))
          let takenBytes = 0
          const room: FrameRoom = {
            accept: acceptUpTo(9000),
            take(bytes, restBytes) {
              expect(bytes).toBeLessThanOrEqual(restBytes)
              if (refusals.next().value === true) return false
              takenBytes += bytes
              return true
            },
          }
          const assembler = new FrameAssembler(room)
          const stream = Buffer.concat(sent.map(framed))
          const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].toSorted(
            (a, b) => a - b,
          )
          const got: Buffer[] = []
          let start = 0
          for (const end of ends) {
            assembler.push(Buffer.from(stream.subarray(start, end)))
            start = end
            do got.push(...drain(assembler))
            while (!assembler.isDrained)
          }
          expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true)
          expect(got.map(({ length }) => length)).toEqual(sizes)
          expect(takenBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
        },
      ),
      parameters,
    )
  })

  test('tell whether one is under way, its size included', () => {
    const assembler = new FrameAssembler(roomy)
    const stream = framed(body(3, 7))
    for (const [index, byte] of stream.entries()) {
      expect(assembler.isMidFrame).toBe(index > 0)
      assembler.push(Buffer.from([byte]))
      expect(assembler.next()?.length).toBe(index === 6 ? 3 : undefined)
    }
    expect(assembler.isMidFrame).toBe(false)
  })
})

describe('copies', () => {
  const chunkOf = (...contents: readonly Buffer[]) => {
    const stream = Buffer.concat(contents.map(framed))
    const chunk = Buffer.allocUnsafeSlow(stream.length)
    stream.copy(chunk)
    return chunk
  }

  test('a frame outlives its chunk, whose memory the next one may take', () => {
    const assembler = new FrameAssembler(roomy)
    const [small, large] = [body(10, 1), body(5000, 2)]
    const chunk = chunkOf(small, large)
    assembler.push(chunk)
    const frames = drain(assembler)
    chunk.fill(0)
    expect(frames).toEqual([small, large])
    expect(assembler.copiedBytes).toBe(small.length + large.length)
  })

  test('frames are put into the memory that was given, and what a frame outgrew goes back', () => {
    const memory = new FrameMemory()
    const assembler = new FrameAssembler(roomy, memory)
    const size = 1024 * 1024
    const [frame] = sendInPieces(assembler, framed(Buffer.alloc(size, 7)), [10_000])
    expect(frame?.equals(Buffer.alloc(size, 7))).toBe(true)
    // 10,000 bytes are too few to make room for all: twice as many was.
    expect(memory.keptBytes).toBe(32 * 1024)
  })

  test('a request of 1 MiB that comes in chunks of 64 KiB is copied once', () => {
    const assembler = new FrameAssembler(roomy)
    const stream = framed(Buffer.alloc(1024 * 1024))
    const frames = sendInPieces(
      assembler,
      stream,
      Array.from({ length: 16 }, (_, index) => (index + 1) * 65_536),
    )
    expect(frames.map(({ length }) => length)).toEqual([1024 * 1024])
    expect(frames[0]?.buffer.byteLength).toBe(1024 * 1024)
    expect(assembler.copiedBytes).toBe(1024 * 1024)
  })

  test('of a larger one at most a tenth is copied again', () => {
    const assembler = new FrameAssembler(roomy)
    const size = 20 * 1024 * 1024
    const cuts = Array.from({ length: size / 65_536 }, (_, index) => (index + 1) * 65_536)
    expect(sendInPieces(assembler, framed(Buffer.alloc(size)), cuts)[0]?.length).toBe(size)
    expect(assembler.copiedBytes).toBeLessThan(size * 1.1)
  })
})

describe('sizes', () => {
  const announce = (size: number) => {
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(size)
    return prefix
  }

  test.each([0, -1, -(2 ** 31), 1001, 2 ** 31 - 1])('%d is refused before any room is taken', (size) => {
    const taken: number[] = []
    const room = { accept: acceptUpTo(1000), take: (bytes: number) => taken.push(bytes) > 0 }
    const assembler = new FrameAssembler(room)
    assembler.push(announce(size))
    const error = thrownBy(() => assembler.next())
    expect(error).toEqual(new RangeError(`${size} bytes`))
    expect(taken).toEqual([])
  })

  test('the largest is accepted', () => {
    const assembler = new FrameAssembler({ accept: acceptUpTo(1000), take: () => true })
    assembler.push(framed(body(1000, 0)))
    expect(assembler.next()?.length).toBe(1000)
  })

  test('100 MiB that are announced and do not come cost 4 KiB', () => {
    let takenBytes = 0
    const assembler = new FrameAssembler({
      accept: () => {},
      take(bytes) {
        takenBytes += bytes
        return true
      },
    })
    assembler.push(Buffer.concat([announce(100 * 1024 * 1024), body(10, 0)]))
    expect(assembler.next()).toBeUndefined()
    expect(takenBytes).toBe(4096)
  })
})

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}
