import type { CompressionName } from '../../batch/compression.ts'
import type { MirrorEnd, MirrorProducer } from './mirror-end.ts'

/** Bytes that a batch is filled to, before compression. Well below what topics allow by default. */
export const batchBytes = 512 * 1024
/** The largest record that is copied, if the target's topic allows it. */
const maxRequestBytes = 64 * 1024 * 1024
const bufferBytes = 128 * 1024 * 1024

/** A producer for each compression that is needed, for a producer has but one. */
export class CodecProducers implements AsyncDisposable {
  readonly #target: MirrorEnd
  readonly #producers = new Map<CompressionName, MirrorProducer>()

  constructor(target: MirrorEnd) {
    this.#target = target
  }

  /** @throws CodecUnavailableError when this runtime cannot write the compression */
  for(compression: CompressionName): MirrorProducer {
    const made = this.#producers.get(compression)
    if (made !== undefined) return made
    const producer = this.#target.producer({
      ...{ compression, acks: 'all', enableIdempotence: true, lingerMs: 0, allowAutoTopicCreation: false },
      ...{ batchSize: batchBytes, maxRequestSize: maxRequestBytes, bufferMemory: bufferBytes },
    })
    this.#producers.set(compression, producer)
    return producer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#producers.values()].map((each) => each.close()))
  }
}
