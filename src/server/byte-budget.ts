import { assert } from '../base/assert.ts'

/**
 * Bytes of requests that all connections together may have in memory. Each has `ownBytes` to itself, so that small
 * requests pass whatever the others do; what goes beyond comes out of the shared `maxBytes`, first come first served.
 *
 * Frames take room as they arrive, so that many half frames could fill the budget and wait for each other. Whoever is
 * first in line may therefore overdraw it, once, by the rest of its frame: one frame more than `maxBytes` is the most
 * that is ever held.
 */
export class ByteBudget {
  readonly #maxBytes: number
  readonly #ownBytes: number
  #sharedBytes = 0
  #line: Waiter[] = []
  #isServing = false

  constructor(maxBytes: number, ownBytes: number) {
    this.#maxBytes = maxBytes
    this.#ownBytes = ownBytes
  }

  /** Bytes taken out of the shared part. */
  get sharedBytes(): number {
    return this.#sharedBytes
  }

  /** How many accounts wait for room. */
  get waitingCount(): number {
    return this.#line.length
  }

  /** A connection's share. `onRoom` is called each time that a {@link ByteAccount.take} which was refused may be repeated. */
  account(onRoom: () => void): ByteAccount {
    return new ByteAccount(this, this.#ownBytes, onRoom)
  }

  /** Charges at once if nobody is in line before; else puts the account in line. For {@link ByteAccount} only. */
  charge(waiter: Waiter): boolean {
    if (this.#line.length === 0 && this.#grant(waiter)) return true
    this.#line.push(waiter)
    return false
  }

  refund(bytes: number): void {
    this.#sharedBytes -= bytes
    assert(this.#sharedBytes >= 0, 'no more is given back than was taken')
    this.#serve()
  }

  leave(account: ByteAccount): void {
    this.#line = this.#line.filter((waiter) => waiter.account !== account)
    this.#serve()
  }

  /** Grants from the front of the line. What that sets going may give bytes back, which the same loop then grants. */
  #serve(): void {
    if (this.#isServing) return
    this.#isServing = true
    for (let first = this.#line[0]; first !== undefined && this.#grant(first); first = this.#line[0]) {
      this.#line.shift()
      first.account.resume()
    }
    this.#isServing = false
  }

  #grant({ account, bytes, restBytes }: Waiter): boolean {
    if (this.#sharedBytes > this.#maxBytes) return false
    const fits = this.#sharedBytes + account.sharedPart(bytes) <= this.#maxBytes
    this.#sharedBytes += account.setAside(fits ? bytes : restBytes)
    return true
  }
}

interface Waiter {
  readonly account: ByteAccount
  readonly bytes: number
  /** All that the frame still needs, `bytes` included. */
  readonly restBytes: number
}

/** What one connection holds of a {@link ByteBudget}. */
export class ByteAccount {
  readonly #onRoom: () => void
  readonly #budget: ByteBudget
  readonly #ownBytes: number
  #heldBytes = 0
  /** Set aside already for the frame that is being received, and not taken yet. */
  #prepaidBytes = 0
  #isWaiting = false

  constructor(budget: ByteBudget, ownBytes: number, onRoom: () => void) {
    this.#budget = budget
    this.#ownBytes = ownBytes
    this.#onRoom = onRoom
  }

  /** Whether a refused {@link take} is in line. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Bytes held, the own and the shared. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /**
   * Sets `bytes` aside for a frame that needs `restBytes` in all. When refused, the account is in line, `onRoom` is
   * called when the bytes are set aside, and the same call then succeeds. One for more of the same frame asks for the difference.
   */
  take(bytes: number, restBytes: number): boolean {
    if (this.#isWaiting) return false
    const prepaidBytes = this.#prepaidBytes
    if (prepaidBytes < bytes && !this.#setAsideMore(bytes - prepaidBytes, restBytes - prepaidBytes))
      return false
    this.#prepaidBytes -= bytes
    return true
  }

  #setAsideMore(bytes: number, restBytes: number): boolean {
    if (this.sharedPart(bytes) === 0) {
      this.setAside(bytes)
      return true
    }
    this.#isWaiting = !this.#budget.charge({ account: this, bytes, restBytes })
    return !this.#isWaiting
  }

  /** How much of `bytes` more would be shared. */
  sharedPart(bytes: number): number {
    return Math.max(0, this.#heldBytes + bytes - this.#ownBytes) - this.#sharedBytes
  }

  /** Counts `bytes` as held and returns how much of them is shared. For {@link ByteBudget} only. */
  setAside(bytes: number): number {
    const sharedBytes = this.sharedPart(bytes)
    this.#heldBytes += bytes
    this.#prepaidBytes += bytes
    return sharedBytes
  }

  /** What was refused has been set aside. For {@link ByteBudget} only. */
  resume(): void {
    this.#isWaiting = false
    this.#onRoom()
  }

  /** Gives back `bytes` that were taken. */
  give(bytes: number): void {
    const before = this.#sharedBytes
    this.#heldBytes -= bytes
    assert(this.#heldBytes >= 0, 'no more is given back than was taken')
    if (before > this.#sharedBytes) this.#budget.refund(before - this.#sharedBytes)
  }

  /** Gives everything back and leaves the line. */
  close(): void {
    if (this.#isWaiting) this.#budget.leave(this)
    this.#isWaiting = false
    this.#prepaidBytes = 0
    this.give(this.#heldBytes)
  }

  get #sharedBytes(): number {
    return Math.max(0, this.#heldBytes - this.#ownBytes)
  }
}
