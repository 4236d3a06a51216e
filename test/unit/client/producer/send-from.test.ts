import { describe, expect, test } from 'vitest'
import { type SendFromOptions, sendFrom } from '../../../../src/client/producer/send-from.ts'

/** Records that are sent, and settled when the test says so. */
class FakeOutlet {
  readonly sent: number[] = []
  isShort = false
  readonly #settlers = new Map<number, PromiseWithResolvers<string>>()

  send(record: number): Promise<string> {
    this.sent.push(record)
    const settler = withResolvers()
    this.#settlers.set(record, settler)
    return settler.promise
  }

  isFull(): boolean {
    return this.isShort
  }

  acknowledge(...records: number[]): void {
    for (const record of records) this.#settlers.get(record)?.resolve(`ack ${record}`)
  }

  fail(record: number): void {
    this.#settlers.get(record)?.reject(new Error(`record ${record}`))
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

function withResolvers(): PromiseWithResolvers<string> {
  let resolve!: (value: string) => void
  let reject!: (error: Error) => void
  const promise = new Promise<string>((...settlers) => ([resolve, reject] = settlers))
  return { promise, resolve, reject }
}

/** More turns of the microtask queue than anything takes. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await Promise.resolve()
}

/** Numbers from 0 on, and what was done to their source. */
class Numbers {
  takenCount = 0
  isEnded = false
  readonly #end: number
  readonly #error: Error | undefined

  constructor(end = Number.POSITIVE_INFINITY, error?: Error) {
    this.#end = end
    this.#error = error
  }

  *sync(): Generator<number> {
    try {
      while (this.takenCount < this.#end) yield this.takenCount++
      if (this.#error !== undefined) throw this.#error
    } finally {
      this.isEnded = true
    }
  }

  async *async(): AsyncGenerator<number> {
    try {
      while (this.takenCount < this.#end) yield this.takenCount++
      if (this.#error !== undefined) throw this.#error
    } finally {
      await settle()
      this.isEnded = true
    }
  }
}

const ways = ['sync', 'async'] as const

/** Reads until the end, or the error. */
function read(stream: AsyncIterable<string>): { readonly acks: string[]; end?: unknown } {
  const seen: { readonly acks: string[]; end?: unknown } = { acks: [] }
  void (async () => {
    try {
      for await (const ack of stream) seen.acks.push(ack)
      seen.end = 'done'
    } catch (error) {
      seen.end = error
    }
  })()
  return seen
}

function start(way: 'sync' | 'async', numbers: Numbers, options: SendFromOptions = {}) {
  const outlet = new FakeOutlet()
  return { outlet, stream: sendFrom(outlet, numbers[way](), options) }
}

describe.each(ways)('from a source that is %s', (way) => {
  test('acknowledgements come in the order of the records', async () => {
    const { outlet, stream } = start(way, new Numbers(4))
    const seen = read(stream)
    await settle()
    expect(outlet.sent).toEqual([0, 1, 2, 3])
    outlet.acknowledge(3, 1)
    await settle()
    expect(seen.acks).toEqual([])
    outlet.acknowledge(0)
    await settle()
    expect(seen).toEqual({ acks: ['ack 0', 'ack 1'] })
    outlet.acknowledge(2)
    await settle()
    expect(seen).toEqual({ acks: ['ack 0', 'ack 1', 'ack 2', 'ack 3'], end: 'done' })
  })

  test('maxPending are taken ahead of what was handed out, no more, and nothing before it is read', async () => {
    const numbers = new Numbers()
    const { outlet, stream } = start(way, numbers, { maxPending: 3 })
    await settle()
    expect(numbers.takenCount).toBe(0)
    const first = stream.next()
    await settle()
    expect(numbers.takenCount).toBe(3)
    outlet.acknowledge(0, 1)
    expect(await first).toEqual({ done: false, value: 'ack 0' })
    await settle()
    expect(numbers.takenCount, 'the first is in hand').toBe(3)
    expect((await stream.next()).value).toBe('ack 1')
    await settle()
    expect(outlet.sent).toEqual([0, 1, 2, 3])
  })

  test('nothing is taken while others wait for room, but for one', async () => {
    const { outlet, stream } = start(way, new Numbers())
    outlet.isShort = true
    const seen = read(stream)
    await settle()
    expect(outlet.sent).toEqual([0])
    outlet.acknowledge(0)
    await settle()
    expect(outlet.sent).toEqual([0, 1])
    outlet.isShort = false
    outlet.acknowledge(1)
    await settle()
    expect(outlet.sent.length).toBeGreaterThan(10)
    expect(seen.acks).toEqual(['ack 0', 'ack 1'])
  })

  test('its error comes behind what became of the records before it', async () => {
    const error = new Error('the source')
    const { outlet, stream } = start(way, new Numbers(2, error))
    const seen = read(stream)
    await settle()
    expect(seen).toEqual({ acks: [] })
    outlet.acknowledge(0, 1)
    await settle()
    expect(seen).toEqual({ acks: ['ack 0', 'ack 1'], end: error })
  })

  test('a record that fails ends it in its turn, and the source with it', async () => {
    const numbers = new Numbers()
    const { outlet, stream } = start(way, numbers, { maxPending: 5 })
    const seen = read(stream)
    await settle()
    outlet.fail(1)
    outlet.fail(4)
    await settle()
    expect([seen.end, numbers.isEnded]).toEqual([undefined, false])
    outlet.acknowledge(0)
    await settle()
    expect(seen).toEqual({ acks: ['ack 0'], end: new Error('record 1') })
    await settle()
    expect(numbers.isEnded).toBe(true)
  })

  test.each(['break', 'throw'])('%s ends the source; what was sent goes on, unheard', async (how) => {
    const numbers = new Numbers()
    const { outlet, stream } = start(way, numbers, { maxPending: 3 })
    const reading = (async () => {
      for await (const ack of stream) {
        if (how === 'throw') throw new Error(`after ${ack}`)
        break
      }
      return 'left'
    })().catch((error: unknown) => error)
    await settle()
    outlet.acknowledge(0)
    expect(await reading).toEqual(how === 'break' ? 'left' : new Error('after ack 0'))
    expect([numbers.isEnded, numbers.takenCount]).toEqual([true, 3])
    outlet.fail(1)
    await settle()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('several may ask at once', async () => {
    const { outlet, stream } = start(way, new Numbers(3), { maxPending: 1 })
    const asked = [1, 2, 3, 4].map(() => stream.next())
    for (const record of [0, 1, 2]) {
      await settle()
      outlet.acknowledge(record)
    }
    expect((await Promise.all(asked)).map(({ value }) => value)).toEqual([
      'ack 0',
      'ack 1',
      'ack 2',
      undefined,
    ])
  })
})

describe('a source that has nothing at the moment', () => {
  /** One record, and another when the test says so. */
  function silent() {
    const more = withResolvers()
    async function* source(): AsyncGenerator<number> {
      yield 0
      await more.promise
      yield 1
    }
    const outlet = new FakeOutlet()
    return { outlet, more, seen: read(sendFrom(outlet, source(), {})) }
  }

  test('holds up no acknowledgement', async () => {
    const { outlet, more, seen } = silent()
    await settle()
    outlet.acknowledge(0)
    await settle()
    expect(seen.acks).toEqual(['ack 0'])
    more.resolve('')
    await settle()
    outlet.acknowledge(1)
    await settle()
    expect(seen).toEqual({ acks: ['ack 0', 'ack 1'], end: 'done' })
  })

  test('holds up no failure, and what it has later is not sent', async () => {
    const { outlet, more, seen } = silent()
    await settle()
    outlet.fail(0)
    await settle()
    expect(seen.end).toEqual(new Error('record 0'))
    more.resolve('')
    await settle()
    expect(outlet.sent).toEqual([0])
  })
})

describe('a source that breaks the rules of iterators', () => {
  const throwing = (): never => {
    throw new RangeError('at once')
  }

  /** Yields 0, and then does something else. */
  function broken(then: () => unknown) {
    const outlet = new FakeOutlet()
    const seen = { endCount: 0 }
    const answers = [async () => ({ done: false, value: 0 }), then]
    const iterator = { next: () => answers.shift()?.(), return: () => seen.endCount++ }
    const source = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<number>
    return { outlet, seen, reading: read(sendFrom(outlet, source, {})) }
  }

  test.each([
    ['answers with nothing', () => undefined, TypeError],
    ['throws', throwing, RangeError],
    ['rejects', async () => throwing(), RangeError],
  ])('%s: that is its error, in its turn', async (_, then, kind) => {
    const { outlet, seen, reading } = broken(then)
    await settle()
    expect(reading).toEqual({ acks: [] })
    outlet.acknowledge(0)
    await settle()
    expect(reading.acks).toEqual(['ack 0'])
    expect(reading.end).toBeInstanceOf(kind)
    expect(seen.endCount, 'what has failed is over').toBe(0)
  })
})

test.each([0, 1.5, Number.NaN])('maxPending %s is refused', async (maxPending) => {
  await expect(sendFrom(new FakeOutlet(), [1], { maxPending }).next()).rejects.toThrow(
    'maxPending must be an integer of at least 1',
  )
})
