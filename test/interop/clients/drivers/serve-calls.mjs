import { createInterface } from 'node:readline'

/** Thrown by a call that the client has no way to do; the message says why. */
export class NotOffered extends Error {}

/**
 * Answers the calls on stdin with the functions of that name, several at a time if they come so.
 *
 * @param calls functions from the arguments of a call to its result
 * @param kafkaNameOf what Kafka calls an error of this client, or undefined
 */
export function serveCalls(calls, kafkaNameOf) {
  const answer = (id, said) => process.stdout.write(`${JSON.stringify({ id, ...said })}\n`)
  const perform = async ({ id, call, ...given }) => {
    try {
      if (calls[call] === undefined) throw new NotOffered(`the client has nothing for '${call}'`)
      answer(id, { result: (await calls[call](given)) ?? null })
    } catch (error) {
      if (error instanceof NotOffered) answer(id, { notOffered: error.message })
      else answer(id, { error: { kafka: kafkaNameOf(error) ?? null, text: String(error?.stack ?? error) } })
    }
  }
  createInterface(process.stdin).on('line', (line) => void perform(JSON.parse(line)))
  process.stdin.on('end', () => process.exit(0))
}

/** Records that came from a client and wait to be asked for. */
export class RecordQueue {
  #records = []
  #waiting = []
  #error

  push(record) {
    this.#records.push(record)
    this.#settle()
  }

  /** Whoever waits, now or later, is told this. */
  fail(error) {
    this.#error = error
    this.#settle()
  }

  /** The next `count` records, once there are as many. */
  take(count) {
    return new Promise((done, failed) => {
      this.#waiting.push({ count, done, failed })
      this.#settle()
    })
  }

  #settle() {
    while (this.#waiting.length > 0) {
      const [{ count, done, failed }] = this.#waiting
      if (this.#records.length >= count) done(this.#records.splice(0, count))
      else if (this.#error !== undefined) failed(this.#error)
      else return
      this.#waiting.shift()
    }
  }
}

/** What to commit after these records: per partition the offset behind the last. */
export function offsetsBehind(records) {
  const behind = new Map()
  for (const { partition, offset } of records) behind.set(partition, offset + 1)
  return behind
}
