import { assert } from '../../base/assert.ts'
import type { ProducerStamp } from '../../batch/patch.ts'
import { incrementSequence } from '../../batch/format.ts'

/** What brokers know a producer by. */
export type ProducerIdentity = Pick<ProducerStamp, 'producerId' | 'producerEpoch'>

/** Epochs are int16; after the last one a producer needs another id. */
const lastEpoch = 2 ** 15 - 1

/** What comes after `identity`: its next epoch, or nothing if that was the last. */
export function nextEpoch({ producerId, producerEpoch }: ProducerIdentity): ProducerIdentity | undefined {
  return producerEpoch === lastEpoch ? undefined : { producerId, producerEpoch: producerEpoch + 1 }
}

/** A batch on its way to its partition, as {@link DeliveryWindow} follows it. */
export interface WindowedBatch {
  readonly recordsCount: number
  /** Times that it was sent. */
  readonly attempts: number
  /** It was sent, and is not answered. */
  isInFlight: boolean
  /** When it may be sent again, by the monotonic clock. */
  retryAtMs: number
  /** Gives it its place among all that the producer writes to the partition. */
  stamp(stamp: ProducerStamp): void
}

/** A batch in the window, and what is known of it. */
interface Entry<B> {
  readonly batch: B
  /** Meaningless without idempotence. */
  readonly baseSequence: number
  /** A later one was taken, and that is only done in order. */
  isWritten: boolean
  /** Its records have failed: it may be a gap that others come after. */
  isGivenUp: boolean
}

/** What a window has to know of its producer. */
export interface WindowRules {
  /** Whether batches carry sequences. Without, what is tried again may be written twice, and behind what came later. */
  readonly isIdempotent: boolean
  /** Most batches that may be on their way at once. With idempotence at most 5: so many does a broker remember. */
  readonly maxInFlight: number
}

/**
 * The batches of one partition that were sent and are not settled, in the order in which they must be written. Decides
 * which may go out, and when the producer must begin a new epoch. Pure: it knows neither time nor brokers.
 *
 * A broker takes a batch if its sequence follows that of the last one. So the batches behind one that is tried again come
 * back as out of sequence, and are sent again after it.
 *
 * A batch that is given up may leave a gap. Whether it does is not guessed, for it may have been written even so: what is behind it
 * goes on under its old sequences. If the broker takes it, there is no gap. If it says that it is out of sequence, then nothing from the
 * gap on was written, and once no attempt is under way, all of that is sent anew from sequence 0 under the next epoch (KIP-360). With
 * nothing behind the gap the next epoch is begun at once: what was given up is written before that or not at all.
 */
export class DeliveryWindow<B extends WindowedBatch> {
  readonly #rules: WindowRules
  #entries: Entry<B>[] = []
  #identity: ProducerIdentity | undefined
  #nextSequence = 0
  /**
   * Whether the broker has taken anything in this epoch. Until then batches go one by one: a broker that knows nothing of a producer takes
   * whatever sequence comes first.
   */
  #isKnown = false
  /** Nothing of what is here was written, and nothing will be in this epoch. */
  #isBroken = false

  constructor(rules: WindowRules) {
    this.#rules = rules
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** What the sequences belong to. */
  get identity(): ProducerIdentity | undefined {
    return this.#identity
  }

  /** Batches that are not settled, those given up not included. */
  get batches(): B[] {
    return this.#entries.filter(({ isGivenUp }) => !isGivenUp).map(({ batch }) => batch)
  }

  /** Whether it must {@link begin} an epoch before anything can go out. */
  get needsIdentity(): boolean {
    if (!this.#rules.isIdempotent) return false
    if (this.#identity === undefined) return true
    return this.#isBroken && !this.batches.some(({ isInFlight }) => isInFlight)
  }

  /** Begins an epoch: what waits here gets new sequences from 0, in its order. Gaps are forgotten. */
  begin(identity: ProducerIdentity): void {
    assert(this.needsIdentity, 'an epoch ends when nothing of it is under way')
    const { batches } = this
    this.#identity = identity
    this.#nextSequence = 0
    this.#isKnown = false
    this.#isBroken = false
    this.#entries = []
    for (const batch of batches) this.#push(batch)
  }

  /** Whether {@link take} may be called: there is room, and nothing waits to be sent, or is being sent, again. */
  get hasRoom(): boolean {
    const { batches } = this
    if (this.#isHeldUp || batches.length >= this.#rules.maxInFlight) return false
    return batches.every((batch) => batch.isInFlight && !this.#goesAlone(batch))
  }

  /** Takes in a batch that was never sent, behind all others. */
  take(batch: B): void {
    assert(this.hasRoom, 'a batch is taken when there is room')
    this.#push(batch)
  }

  /** The batch that is to be sent next of those that are here, at `nowMs`. */
  next(nowMs: number): B | undefined {
    const waiting = this.#firstWaiting
    return waiting === undefined || waiting.retryAtMs > nowMs ? undefined : waiting
  }

  /** When {@link next} will have something, if nothing else happens before that. */
  get nextAtMs(): number {
    return this.#firstWaiting?.retryAtMs ?? Number.POSITIVE_INFINITY
  }

  /** The broker has the batch. */
  acknowledge(batch: B): void {
    const place = this.#placeOf(batch)
    if (place < 0) return
    this.#entries.splice(place, 1)
    this.#isKnown = true
    this.#isBroken = false
    for (const earlier of this.#entries.slice(0, place)) earlier.isWritten = this.#rules.isIdempotent
    this.#dropGaps()
  }

  /** The batch is to be sent again from `atMs` on. Whether it was written is not known. */
  retry(batch: B, atMs: number): void {
    batch.isInFlight = false
    batch.retryAtMs = atMs
  }

  /**
   * The broker says that the sequence of the batch is not the one that comes next: it is to be sent again from `atMs` on. Returns true if it
   * was written long ago, so that the broker has forgotten it: then it is to be {@link acknowledge acknowledged}.
   */
  refuteSequence(batch: B, atMs: number): boolean {
    this.retry(batch, atMs)
    const place = this.#placeOf(batch)
    if (this.#entries[place]?.isWritten === true) return true
    // With nothing but gaps before it, it would have been taken if there were none; or the broker has lost what it had.
    if (place >= 0 && this.#entries.slice(0, place).every(({ isGivenUp }) => isGivenUp)) this.#isBroken = true
    return false
  }

  /** The records of the batch have failed. */
  giveUp(batch: B): void {
    const entry = this.#entries[this.#placeOf(batch)]
    if (entry === undefined) return
    entry.isGivenUp = true
    this.#dropGaps()
  }

  /** Whether a later batch was taken, so that this one must have been. */
  isWritten(batch: B): boolean {
    return this.#entries[this.#placeOf(batch)]?.isWritten === true
  }

  /** Puts `parts`, which have its records, in the place of a batch that was refused for its size: they take over its sequences. */
  replace(batch: B, parts: readonly B[]): void {
    const place = this.#placeOf(batch)
    let sequence = this.#entries[place]?.baseSequence
    assert(sequence !== undefined, 'only a batch that is on its way can be split')
    const entries: Entry<B>[] = []
    for (const part of parts) {
      entries.push(this.#entryOf(part, sequence))
      sequence = incrementSequence(sequence, part.recordsCount)
    }
    this.#entries.splice(place, 1, ...entries)
  }

  get #isHeldUp(): boolean {
    return this.#isBroken || this.needsIdentity
  }

  /** The first that is not under way. Nothing passes it, and while one is sent again, nothing follows it. */
  get #firstWaiting(): B | undefined {
    if (this.#isHeldUp) return undefined
    for (const batch of this.batches.slice(0, this.#rules.maxInFlight)) {
      if (!batch.isInFlight) return batch
      if (this.#goesAlone(batch)) return undefined
    }
    return undefined
  }

  #goesAlone({ attempts }: B): boolean {
    return this.#rules.isIdempotent && (attempts > 1 || !this.#isKnown)
  }

  /** Forgets what was given up and is no gap. What is left when nothing else is, is taken for one. */
  #dropGaps(): void {
    const { isIdempotent } = this.#rules
    this.#entries = this.#entries.filter(
      ({ isGivenUp, isWritten }) => !isGivenUp || (isIdempotent && !isWritten),
    )
    if (this.#entries.length > 0 && this.batches.length === 0) this.#isBroken = true
  }

  #push(batch: B): void {
    this.#entries.push(this.#entryOf(batch, this.#nextSequence))
    this.#nextSequence = incrementSequence(this.#nextSequence, batch.recordsCount)
  }

  #entryOf(batch: B, baseSequence: number): Entry<B> {
    if (this.#identity !== undefined) batch.stamp({ ...this.#identity, baseSequence })
    return { batch, baseSequence, isWritten: false, isGivenUp: false }
  }

  #placeOf(batch: B): number {
    return this.#entries.findIndex((entry) => entry.batch === batch)
  }
}
