import { Fifo } from './fifo.ts'

/** How records are sent from a source. */
export interface SendFromOptions {
  /** Records that may be taken ahead of what is handed out. Default 10,000. */
  readonly maxPending?: number
}

/** Where records go. */
export interface Outlet<R, M> {
  send(record: R): Promise<M>
  /** Whether records wait, so that more would only wait behind them. */
  isFull(): boolean
}

const defaultMaxPending = 10_000

/**
 * Sends what `source` yields, and yields what became of each, in the same order. Takes records while fewer than `maxPending` are
 * sent and not yielded, and while there is room for them, so that source, outlet and whoever reads this wait for each other. Ending
 * early lets what was sent go on, and ends the source.
 *
 * @throws what the first `send` in order rejects with; or, behind what became of all before that, what the source throws
 */
export async function* sendFrom<R, M>(
  outlet: Outlet<R, M>,
  source: AsyncIterable<R> | Iterable<R>,
  { maxPending = defaultMaxPending }: SendFromOptions,
): AsyncGenerator<M, void, undefined> {
  if (!Number.isInteger(maxPending) || maxPending < 1)
    throw new RangeError(`maxPending must be an integer of at least 1; got ${maxPending}`)
  const feed = new Feed(outlet, source, maxPending)
  try {
    for (;;) {
      feed.fill()
      const { first } = feed.sent
      if (first !== undefined) {
        // Yielding awaits it. It counts until whoever reads this comes back.
        yield first
        feed.sent.shift()
      } else if (feed.asked !== undefined) await feed.asked
      else return
    }
  } catch (error) {
    // A source that has nothing at the moment ends when it has: the error does not wait for that.
    feed.end().catch(ignore)
    throw error
  } finally {
    await feed.end()
  }
}

/** Takes records from a source to an outlet. One that has its records at hand is asked in a loop, without a promise for each. */
class Feed<R, M> {
  /** What became of records, and was not handed out; behind it, the source's error. */
  readonly sent = new Fifo<Promise<M>>()
  /** Resolves when the source has answered, if it is being asked. */
  asked: Promise<void> | undefined
  readonly #outlet: Outlet<R, M>
  readonly #iterator: AsyncIterator<R> | Iterator<R>
  readonly #isAsync: boolean
  readonly #maxPending: number
  #isOver = false

  constructor(outlet: Outlet<R, M>, source: AsyncIterable<R> | Iterable<R>, maxPending: number) {
    this.#outlet = outlet
    this.#isAsync = Symbol.asyncIterator in source
    this.#iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
    this.#maxPending = maxPending
  }

  /** Takes what may be taken. A source that has to be waited for goes on by itself from here. */
  fill(): void {
    try {
      while (this.#wantsMore) {
        const next = this.#iterator.next()
        if (this.#isAsync) this.asked = Promise.resolve(next).then(this.#answered, this.#failed)
        else this.#take(next as IteratorResult<R>)
      }
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Ends the source, unless it is over. */
  async end(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#iterator.return?.()
  }

  get #wantsMore(): boolean {
    if (this.#isOver || this.asked !== undefined) return false
    const { count } = this.sent
    return count === 0 || (count < this.#maxPending && !this.#outlet.isFull())
  }

  readonly #answered = (answer: IteratorResult<R>): void => {
    this.asked = undefined
    try {
      this.#take(answer)
    } catch (error) {
      this.#failed(error)
    }
    this.fill()
  }

  readonly #failed = (error: unknown): void => {
    this.asked = undefined
    this.#isOver = true
    this.#push(rejected(error))
  }

  #take({ done, value }: IteratorResult<R>): void {
    if (this.#isOver) return
    if (done === true) this.#isOver = true
    else this.#push(this.#outlet.send(value))
  }

  /** Whoever ends early does not look at the rest; a failure that comes up in its turn is thrown all the same. */
  #push(sent: Promise<M>): void {
    sent.catch(ignore)
    this.sent.push(sent)
  }
}

function ignore(): void {}

async function rejected(error: unknown): Promise<never> {
  throw error
}
