import { WireProducer } from '../server/wire-producer.ts'
import type { WireClient } from '../server/wire-client.ts'
import { readPartition } from '../server/wire-reader.ts'
import type { Finding } from './finding.ts'
import { identify, recordFor, recordsPerAppendMax } from './records.ts'

/** How the producer of a partition produces. */
export interface LaneTraits {
  readonly acks: 1 | -1
  readonly isIdempotent: boolean
}

/** One partition with its one producer, and what that was told. */
export class BrokerLane {
  readonly #producer: WireProducer
  readonly #traits: LaneTraits
  readonly #partition: number
  readonly #topic: string
  readonly #seed: number
  /** The acknowledged records by their offsets. */
  readonly #indexAt = new Map<number, number>()
  acknowledgedCount = 0

  constructor(given: {
    readonly topic: string
    readonly partition: number
    readonly seed: number
    readonly traits: LaneTraits
    readonly port: () => Promise<number>
  }) {
    const { topic, partition, seed, traits, port } = given
    this.#topic = topic
    this.#partition = partition
    this.#seed = seed
    this.#traits = traits
    this.#producer = new WireProducer({
      ...{ topic, partition, port, ...traits },
      recordsPerBatch: recordsPerAppendMax,
      recordCount: Number.POSITIVE_INFINITY,
      recordFor: (index) => recordFor(seed, { life: partition, index }),
      onAcknowledged: (firstIndex, count, baseOffset) => this.#acknowledge(firstIndex, count, baseOffset),
    })
  }

  /** Produces until {@link stop}; then resolves when nothing is unanswered. */
  run(): Promise<void> {
    return this.#producer.run()
  }

  stop(): void {
    this.#producer.stop()
  }

  /** Reads the whole partition and holds it against what was acknowledged. */
  async examine(client: WireClient): Promise<Finding[]> {
    const findings: Finding[] = []
    const name = (index: number) => `record ${index} of partition ${this.#partition}`
    const offsetOf = new Map<number, number>()
    let due = 0
    let last = -1
    for await (const record of readPartition(client, this.#topic, this.#partition)) {
      const { offset } = record
      if (offset !== due)
        findings.push({ kind: 'damaged', detail: `offset ${offset} follows where ${due} is due` })
      due = offset + 1
      const identity = identify(record, this.#seed)
      if (identity?.life !== this.#partition) {
        findings.push({ kind: 'invented', detail: `nobody produced what is at offset ${offset}` })
        continue
      }
      const { index } = identity
      if (offsetOf.has(index)) findings.push({ kind: 'invented', detail: `${name(index)} is there twice` })
      else if (index < last) findings.push({ kind: 'reordered', detail: `${name(index)} follows ${last}` })
      offsetOf.set(index, offset)
      last = index
    }
    for (const [offset, index] of this.#indexAt) {
      const found = offsetOf.get(index)
      if (found === undefined) findings.push({ kind: 'lost', detail: `${name(index)}, offset ${offset}` })
      else if (found !== offset)
        findings.push({ kind: 'reordered', detail: `${name(index)} moved from offset ${offset} to ${found}` })
    }
    return [...findings, ...this.#missing(offsetOf)]
  }

  /** An idempotent producer has been answered for every record it made. */
  #missing(offsetOf: ReadonlyMap<number, number>): Finding[] {
    if (!this.#traits.isIdempotent || offsetOf.size === this.#producer.madeCount) return []
    const detail = `partition ${this.#partition} has ${offsetOf.size} of ${this.#producer.madeCount} records`
    return [{ kind: 'lost', detail }]
  }

  #acknowledge(firstIndex: number, count: number, baseOffset: number): void {
    this.acknowledgedCount += count
    if (baseOffset < 0) return
    for (let at = 0; at < count; at++) this.#indexAt.set(baseOffset + at, firstIndex + at)
  }
}
