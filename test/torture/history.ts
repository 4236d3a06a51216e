import type { Identity } from './records.ts'
import { recordsPerAppendMax } from './records.ts'
import type { WriterEvent } from './writer-event.ts'

/** A record that was acknowledged. */
export interface Acknowledged extends Identity {
  readonly acknowledgedMs: number
  /** How long ago that was when its writer ended. */
  ageMs: number
  /** No end of the writer may take it: its age is that of the promise, or something made it durable before. */
  durable: boolean
}

/**
 * What is known of a log from the events of its writers: which record was acknowledged at which offset, which of them
 * are durable, where the log starts. What is known to have begun and not to have ended may have happened or not.
 */
export class History {
  /** Acknowledged records by offset, but for those that were trimmed or truncated. */
  readonly acknowledged = new Map<number, Acknowledged>()
  /** Records that must not be there, as `life:index`: they were truncated, or their append was refused. */
  readonly excluded = new Set<string>()
  /** Lives in which an append was made again, so that the order of the calls is not that of the offsets. */
  readonly disordered = new Set<number>()
  /** The log starts within these, both inclusive. */
  start = { least: 0, most: 0 }
  /** Records from here on may be gone, for a truncation had begun. */
  undecidedFrom = Infinity
  /** Durable records that an opening found gone, or whose offset was given to another. */
  readonly contradictions: string[] = []
  /** Acknowledged records that are gone and were allowed to go. */
  readonly shed: Acknowledged[] = []
  acknowledgedCount = 0
  readonly #promisedMs: number
  #notDurable: Acknowledged[] = []
  /** How many of those were there when the flush under way began. */
  #flushing: number | undefined
  #life = 0
  #isOver = false

  /** An acknowledged record is promised to survive once it is `promisedMs` old: 0 for at once, `Infinity` for never. */
  constructor(promisedMs: number) {
    this.#promisedMs = promisedMs
  }

  /** Acknowledged records that the end of the writer may take. */
  get atRiskCount(): number {
    return this.#notDurable.length
  }

  /** Another writer begins. */
  begin(life: number): void {
    this.#life = life
    this.#isOver = false
    this.#flushing = undefined
  }

  /** The writer ends: what it completes from now on is not counted, only what it begins. */
  end(nowMs: number): void {
    this.#isOver = true
    // What an earlier writer left at stake, and nobody has opened since, is no older for that.
    for (const record of this.#notDurable)
      if (record.life === this.#life) record.ageMs = nowMs - record.acknowledgedMs
    const old = this.#notDurable.findLastIndex(({ ageMs }) => ageMs >= this.#promisedMs)
    this.#settle(old + 1)
  }

  /** Notes an event that was read at `nowMs`. */
  take(event: WriterEvent, nowMs: number): void {
    if (event.kind === 'trimming')
      this.start = { ...this.start, most: Math.max(this.start.most, event.offset) }
    else if (event.kind === 'truncating')
      // The batch that the offset falls into goes as a whole.
      this.undecidedFrom = Math.min(this.undecidedFrom, event.offset - recordsPerAppendMax + 1)
    else if (event.kind === 'retrying') this.disordered.add(this.#life)
    else if (!this.#isOver) this.#complete(event, nowMs)
  }

  /** An append was refused, and will not be made again. */
  refuse(firstIndex: number, count: number): void {
    for (let at = 0; at < count; at++) this.excluded.add(`${this.#life}:${firstIndex + at}`)
  }

  /** What a reader found is the truth from now on, and durable, for recovery has synced it. */
  replaceBy(
    startOffset: number,
    records: Iterable<readonly [offset: number, Identity]>,
    nowMs: number,
  ): void {
    this.acknowledged.clear()
    this.#notDurable = []
    for (const [offset, identity] of records)
      this.acknowledged.set(offset, { ...identity, acknowledgedMs: nowMs, ageMs: 0, durable: true })
    this.start = { least: startOffset, most: startOffset }
    this.undecidedFrom = Infinity
  }

  #complete(event: WriterEvent, nowMs: number): void {
    if (event.kind === 'opened') this.#open(event)
    else if (event.kind === 'acknowledged') this.#acknowledge(event, nowMs)
    else if (event.kind === 'flushing') this.#flushing = this.#notDurable.length
    else if (event.kind === 'flushed') this.#settle(this.#flushing ?? 0)
    else if (event.kind === 'trimmed') this.#trim(event.offset)
    else if (event.kind === 'truncated') this.#truncate(event.endOffset)
    else if (event.kind === 'closed') this.#settle(this.#notDurable.length)
  }

  /** What recovery serves it has synced before; what it does not serve is gone. */
  #open({ startOffset, endOffset }: { startOffset: number; endOffset: number }): void {
    const { least, most } = this.start
    if (startOffset < least || startOffset > most)
      this.contradictions.push(`the log starts at ${startOffset}, and was trimmed to ${least}`)
    for (const [offset, record] of this.acknowledged) {
      const isUndecided = offset >= this.undecidedFrom
      if (offset < endOffset && !isUndecided) continue
      this.acknowledged.delete(offset)
      if (isUndecided) continue
      if (record.durable)
        this.contradictions.push(`offset ${offset} is beyond ${endOffset}, where the log ends`)
      else this.shed.push(record)
    }
    this.#settle(this.#notDurable.length)
    this.start = { least: startOffset, most: startOffset }
    this.undecidedFrom = Infinity
  }

  #acknowledge(
    { baseOffset, firstIndex, count }: { baseOffset: number; firstIndex: number; count: number },
    nowMs: number,
  ): void {
    for (let at = 0; at < count; at++) {
      const record = {
        life: this.#life,
        index: firstIndex + at,
        acknowledgedMs: nowMs,
        ageMs: 0,
        durable: false,
      }
      if (this.acknowledged.has(baseOffset + at))
        this.contradictions.push(`offset ${baseOffset + at} was given twice`)
      this.acknowledged.set(baseOffset + at, record)
      this.#notDurable.push(record)
    }
    this.acknowledgedCount += count
  }

  #settle(count: number): void {
    for (const record of this.#notDurable.splice(0, count)) record.durable = true
    this.#flushing = undefined
  }

  #trim(offset: number): void {
    this.start = { least: offset, most: offset }
    for (const each of this.acknowledged.keys()) if (each < offset) this.acknowledged.delete(each)
  }

  #truncate(endOffset: number): void {
    for (const [offset, { life, index }] of this.acknowledged) {
      if (offset < endOffset) continue
      this.excluded.add(`${life}:${index}`)
      this.acknowledged.delete(offset)
    }
    this.undecidedFrom = Infinity
  }
}
