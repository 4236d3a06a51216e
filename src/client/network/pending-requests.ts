import { ConnectionError } from '../../base/errors.ts'
import type { Timer } from '../../env/timers.ts'

/** A request that waits for its answer. */
interface PendingRequest {
  readonly correlationId: number
  readonly deadline: Timer
  readonly resolve: (frame: Buffer) => void
  readonly reject: (error: unknown) => void
}

/**
 * The requests of one connection that are not answered, in the order in which they were sent. Kafka answers in that very
 * order, so that a response of another correlation id means that the two sides do not understand each other.
 */
export class PendingRequests {
  #queue: PendingRequest[] = []
  /** Of the queue's front, those that are answered: moving all the others at each answer would cost more. */
  #answeredCount = 0

  get count(): number {
    return this.#queue.length - this.#answeredCount
  }

  add(request: PendingRequest): void {
    this.#queue.push(request)
  }

  /**
   * Gives `frame` to the request that is next.
   *
   * @throws ConnectionError when it is not the answer to that, or nothing was asked
   */
  answer(frame: Buffer, address: string): void {
    const next = this.#queue[this.#answeredCount]
    if (next === undefined) throw new ConnectionError(address, 'sent a response that nobody asked for')
    const correlationId = frame.length < 4 ? undefined : frame.readInt32BE(0)
    if (correlationId !== next.correlationId)
      throw new ConnectionError(
        address,
        `answered request ${correlationId ?? '?'} where ${next.correlationId} was next`,
      )
    this.#answeredCount++
    if (this.#answeredCount * 2 > this.#queue.length) this.#forgetAnswered()
    next.deadline.cancel()
    next.resolve(frame)
  }

  /** Rejects all with `error`, but for one that is told something of its own. */
  rejectAll(error: unknown, exception?: { readonly correlationId: number; readonly error: unknown }): void {
    const pending = this.#queue.slice(this.#answeredCount)
    this.#queue = []
    this.#answeredCount = 0
    for (const { correlationId, deadline, reject } of pending) {
      deadline.cancel()
      reject(correlationId === exception?.correlationId ? exception.error : error)
    }
  }

  #forgetAnswered(): void {
    this.#queue = this.#queue.slice(this.#answeredCount)
    this.#answeredCount = 0
  }
}
