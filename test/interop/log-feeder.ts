import { readFileSync } from 'node:fs'
import * as zlib from 'node:zlib'
import type { CompressionName } from '../../src/batch/compression.ts'
import { encodeEndTransactionMarker, type EndTransactionType } from '../../src/batch/control-record.ts'
import { encodeBatch, type EncodeOptions } from '../../src/batch/encode-batch.ts'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import type { HeaderInput, RecordInput } from '../../src/batch/record-input.ts'

const canWriteZstd = 'zstdCompressSync' in zlib

/** The codecs that this runtime can write. */
const writableCodecs: readonly CompressionName[] = [
  ...(['none', 'gzip', 'snappy', 'lz4'] as const),
  ...(canWriteZstd ? (['zstd'] as const) : []),
]

/** Codecs of our own, which make the same bytes everywhere. */
export const sameEverywhere: readonly CompressionName[] = ['none', 'snappy', 'lz4']

/** Appends one encoded batch, and is done when it is in the log. */
export type AppendBatch = (batch: Buffer) => Promise<unknown>

export interface LogFeederOptions {
  /** Default: those that this runtime can write. */
  readonly codecs?: readonly CompressionName[]
  /** Another number makes other producers, whose sequences begin again. Default 0. */
  readonly firstProducerId?: number
}

/**
 * Makes what a log can hold, the same each time: every codec, records without key or value, headers, idempotent
 * producers, and two transactional ones whose transactions overlap, one committed and the other aborted.
 */
export class LogFeeder {
  readonly #append: AppendBatch
  readonly #codecs: readonly CompressionName[]
  readonly #firstProducerId: number
  readonly #sequences = new Map<number, number>()
  #clockMs = 1_700_000_000_000
  #records = 0

  constructor(append: AppendBatch, { codecs = writableCodecs, firstProducerId = 0 }: LogFeederOptions = {}) {
    this.#append = append
    this.#codecs = codecs
    this.#firstProducerId = firstProducerId
  }

  /** One batch of each kind in each codec; a round is about 4 KiB. */
  async feed(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++)
      for (const [index, compression] of this.#codecs.entries()) {
        await this.#send(1 + (round % 5), { compression })
        await this.#produce(this.#firstProducerId + 10 + index, 3, { compression })
        await this.#overlap(this.#firstProducerId + 100 + index, { compression })
      }
    if (!this.#codecs.includes('zstd')) await this.#append(zstdBatchOfKafka())
  }

  /** A transaction that nobody ends. */
  async leaveOpen(producerId: number): Promise<void> {
    await this.#produce(producerId, 2, { isTransactional: true })
    await this.#send(3, {})
  }

  async #overlap(committing: number, options: Partial<EncodeOptions>): Promise<void> {
    const aborting = committing + 100
    await this.#produce(aborting, 2, { ...options, isTransactional: true })
    await this.#produce(committing, 1, { ...options, isTransactional: true })
    await this.#send(1, options)
    await this.#end(aborting, 'ABORT')
    await this.#produce(committing, 2, { ...options, isTransactional: true })
    await this.#end(committing, 'COMMIT')
  }

  async #produce(producerId: number, count: number, options: Partial<EncodeOptions>): Promise<void> {
    const baseSequence = this.#sequences.get(producerId) ?? 0
    this.#sequences.set(producerId, baseSequence + count)
    await this.#send(count, { ...options, producerId, producerEpoch: 0, baseSequence })
  }

  async #send(count: number, options: Partial<EncodeOptions>): Promise<void> {
    const records = Array.from({ length: count }, () => this.#nextRecord())
    await this.#append(encodeBatch(records, { now: this.#clockMs, ...options }))
  }

  async #end(producerId: number, type: EndTransactionType): Promise<void> {
    const marker = { type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: this.#clockMs }
    await this.#append(encodeEndTransactionMarker(marker))
  }

  /** Every few records one lacks something, or is older than the one before. */
  #nextRecord(): RecordInput {
    const n = this.#records++
    this.#clockMs += 7
    return {
      key: n % 5 === 0 ? null : `key-${n % 7}`,
      value: n % 11 === 3 ? null : n % 11 === 4 ? '' : `${'a'.repeat((n * 13) % 120)} žluťoučký 🐎 ${n}`,
      headers: n % 3 === 0 ? headers : [],
      timestamp: n % 9 === 8 ? this.#clockMs - 100 : this.#clockMs,
    }
  }
}

const headers: readonly HeaderInput[] = [
  ['trace', 'ab'],
  ['nothing', null],
  ['trace', ''],
]

/** Where one is not made here. */
function zstdBatchOfKafka(): Buffer {
  const path = '../../data/golden/kafka-4.0/fixture-0/00000000000000000000.log'
  for (const batch of iterateBatches(readFileSync(new URL(path, import.meta.url))))
    if (batch.compression === 'zstd' && !batch.hasProducerId)
      return Buffer.from(batch.buffer.subarray(batch.start, batch.endPosition))
  throw new Error(`there is no zstd batch without a producer in ${path}`)
}
