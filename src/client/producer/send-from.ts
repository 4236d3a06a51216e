/** How records are sent from a source. */
export interface SendFromOptions {
  /** Records that may be taken ahead of what is handed out. Default 10,000. */
  readonly maxPending?: number
}

const defaultMaxPending = 10_000

/**
 * Sends what `source` yields, and yields what became of each, in the same order. Takes the next record while fewer than
 * `maxPending` are sent and not yielded, so that source, producer and whoever reads this wait for each other. Ending early lets what was
 * sent go on, and ends the source.
 *
 * @throws what the first `send` in order rejects with, or the source throws
 */
export async function* sendFrom<R, M>(
  send: (record: R) => Promise<M>,
  source: AsyncIterable<R> | Iterable<R>,
  { maxPending = defaultMaxPending }: SendFromOptions,
): AsyncGenerator<M, void, undefined> {
  if (!Number.isInteger(maxPending) || maxPending < 1)
    throw new RangeError(`maxPending must be an integer of at least 1; got ${maxPending}`)
  const iterator = iteratorOf(source)
  const pending: Promise<M>[] = []
  let next: Promise<IteratorResult<R>> | undefined
  let isOver = false
  try {
    for (;;) {
      if (!isOver && pending.length < maxPending) next ??= Promise.resolve(iterator.next())
      const [first] = pending
      if (first !== undefined && (next === undefined || (await isFirst(first, next)))) {
        yield await first
        void pending.shift()
      } else if (next === undefined) return
      else {
        const { done, value } = await next
        next = undefined
        if (done === true) isOver = true
        else pending.push(begun(send(value)))
      }
    }
  } finally {
    if (!isOver) await iterator.return?.()
  }
}

/** Whether `sent` is settled before the source has something: one that has nothing at the moment holds up nobody. */
async function isFirst(sent: Promise<unknown>, next: Promise<unknown>): Promise<boolean> {
  return await Promise.race([sent.then(() => true), next.then(() => false)])
}

/** Whoever ends early does not look at the rest; a failure that comes up in its turn is thrown all the same. */
function begun<M>(sent: Promise<M>): Promise<M> {
  sent.catch(() => undefined)
  return sent
}

function iteratorOf<R>(source: AsyncIterable<R> | Iterable<R>): AsyncIterator<R> | Iterator<R> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}
