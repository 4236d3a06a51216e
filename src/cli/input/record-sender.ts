import type { Producer } from '../../client/producer/producer.ts'
import type { RecordMetadata } from '../../client/producer/producer-record.ts'
import { InputError } from '../failure.ts'
import type { LineRecord } from './json-record.ts'
import type { RecordSink } from './pour-stdin.ts'
import { recordSizeBound } from '../../batch/record-size.ts'

/** What may be on its way at a time: enough to keep several brokers busy, and within the producer's own memory. */
const pendingCountMax = 50_000
const pendingBytesMax = 16 * 1024 * 1024

/** Where and how a {@link RecordSender} sends. */
export interface RecordSenderOptions {
  readonly topic: string
  /** For records whose line says none. Default: the producer chooses. */
  readonly partition: number | undefined
  /** Told of every record that was acknowledged, in the order of the lines. What it returns is waited for. */
  readonly onSent?: (sent: RecordMetadata) => Promise<void> | undefined
  /** Called when a record was refused, in case no more input would come to be told of it. */
  readonly onFailure?: () => void
}

/** The records of one partition that were acknowledged. An offset is -1 when brokers were not to tell any. */
export interface SentRange {
  readonly firstOffset: number
  lastOffset: number
}

/**
 * Sends records to a topic, in order, only so many at a time. The first that is refused ends it: those before it are in the
 * topic, and of those behind it the ones that were on their way already.
 */
export class RecordSender implements RecordSink {
  /** By partition, what has been acknowledged. */
  readonly ranges = new Map<number, SentRange>()
  readonly #producer: Producer
  readonly #options: RecordSenderOptions
  #pendingCount = 0
  #pendingBytes = 0
  #count = 0
  #failure: { readonly lineNumber: number; readonly error: Error } | undefined
  /** Settles when the record that was sent last has been told of. */
  #told: Promise<unknown> = Promise.resolve()
  /** Called when a record has settled. */
  #wake: (() => void) | undefined

  constructor(producer: Producer, options: RecordSenderOptions) {
    this.#producer = producer
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  add(record: LineRecord, lineNumber: number): Promise<void> | undefined {
    this.#throwIfFailed()
    const bytes = recordSizeBound(record)
    this.#pendingCount++
    this.#pendingBytes += bytes
    const { topic, partition, onSent } = this.#options
    const sent = this.#producer.send({ partition, ...record, topic })
    const told = onSent === undefined ? sent : this.#tellInTurn(sent, onSent)
    told.then(
      (metadata) => this.#acknowledged(metadata, bytes),
      (error: unknown) => this.#refused(error as Error, lineNumber, bytes),
    )
    return this.#hasRoom() ? undefined : this.#untilRoom()
  }

  async finish(): Promise<void> {
    while (this.#pendingCount > 0) await this.#change()
    this.#throwIfFailed()
  }

  #hasRoom(): boolean {
    return this.#pendingCount < pendingCountMax && this.#pendingBytes < pendingBytesMax
  }

  async #untilRoom(): Promise<void> {
    while (!this.#hasRoom()) await this.#change()
  }

  /** A record that is acknowledged early waits for its turn, and takes up room until then. */
  #tellInTurn(
    sent: Promise<RecordMetadata>,
    onSent: NonNullable<RecordSenderOptions['onSent']>,
  ): Promise<RecordMetadata> {
    const told = this.#told.then(async () => {
      const metadata = await sent
      await onSent(metadata)
      return metadata
    })
    // A record that is refused is no reason not to tell of those behind it; who waits for it hears of it.
    sent.catch(() => undefined)
    this.#told = told.catch(() => undefined)
    return told
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  #acknowledged({ partition, offset }: RecordMetadata, bytes: number): void {
    const range = this.ranges.get(partition)
    if (range === undefined) this.ranges.set(partition, { firstOffset: offset, lastOffset: offset })
    else range.lastOffset = offset
    this.#count++
    this.#settled(bytes)
  }

  /** Those behind a record that was refused may be because of it: the first in the input is what is told. */
  #refused(error: Error, lineNumber: number, bytes: number): void {
    if (this.#failure === undefined || lineNumber < this.#failure.lineNumber)
      this.#failure = { lineNumber, error }
    this.#options.onFailure?.()
    this.#settled(bytes)
  }

  #settled(bytes: number): void {
    this.#pendingCount--
    this.#pendingBytes -= bytes
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #throwIfFailed(): void {
    if (this.#failure === undefined) return
    const { lineNumber, error } = this.#failure
    throw new InputError(`line ${lineNumber} could not be sent: ${error.message}`, { cause: error })
  }
}
