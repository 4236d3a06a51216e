import { Batch } from '../../../src/batch/batch.ts'
import { batchLengthPosition, logOverhead } from '../../../src/batch/format.ts'
import { errorName } from '../../../src/wire/error-codes.ts'
import { zeroUuid } from '../../../src/wire/uuid.ts'

/** What each broker chooses for itself, and is compared only by when it is the same as before. */
const chosen: Readonly<Record<string, unknown>> = {
  sessionId: 0,
  producerId: -1,
  clusterId: null,
}

/** What says nothing about behaviour: ports, rooms, folders, words. Only whether there is something is compared. */
const incidental: ReadonlySet<string> = new Set([
  'port',
  'throttleTimeMs',
  'errorMessage',
  'batchIndexErrorMessage',
  'totalBytes',
  'usableBytes',
  'logDir',
  'documentation',
])

const uuidText = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
/** Timestamps of now; those in the catalogue are all of long ago. */
const recentMs = 1_500_000_000_000

/** Makes the answers of one dialogue comparable with those of another, in the order in which they came. */
export class Comparable {
  readonly #numbers = new Map<unknown, number>()
  readonly #topicIds: readonly string[]

  /** `topicIds` are those of topics that were made on purpose. */
  constructor(topicIds: readonly string[]) {
    this.#topicIds = topicIds
  }

  /** The value under `field`, with what may differ replaced by what may not. */
  of(value: unknown, field = ''): unknown {
    if (field.endsWith('rrorCode') && typeof value === 'number') return errorName(value) ?? value
    if (incidental.has(field)) return isNothing(value) ? value : `some ${field}`
    if (field === 'topicId') return this.#topicId(value)
    if (field in chosen) return value === chosen[field] ? value : `${field} ${this.#numberOf(value)}`
    if (field === 'records' && Buffer.isBuffer(value)) return this.#batches(value)
    if (Buffer.isBuffer(value)) return value.toString('latin1')
    if (Array.isArray(value)) return value.map((element) => this.of(element, field))
    if (typeof value === 'object' && value !== null) return this.#fields(value)
    if (typeof value === 'number' && /time/i.test(field) && value > recentMs) return 'now'
    return typeof value === 'string' ? value.replace(uuidText, (found) => `#${this.#numberOf(found)}`) : value
  }

  #topicId(value: unknown): string {
    const index = this.#topicIds.findIndex((each) => each === value)
    return value === zeroUuid ? 'none' : index < 0 ? 'some topic id' : `id of topic ${index}`
  }

  #fields(value: object): Record<string, unknown> {
    return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, this.of(held, name)]))
  }

  /** The header of each batch, and its records as they lie there. */
  #batches(bytes: Buffer): unknown[] {
    return wholeBatches(bytes).map((batch) => ({
      baseOffset: batch.baseOffset,
      lastOffset: batch.lastOffset,
      leaderEpoch: batch.partitionLeaderEpoch,
      attributes: batch.attributes,
      maxTimestamp: this.of(batch.maxTimestamp, 'timestamp'),
      producerId: this.of(batch.producerId, 'producerId'),
      sequence: batch.baseSequence,
      sizeBytes: batch.sizeBytes,
    }))
  }

  #numberOf(value: unknown): number {
    const number = this.#numbers.get(value) ?? this.#numbers.size
    this.#numbers.set(value, number)
    return number
  }
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || value === 0 || value === -1
}

/** Kafka cuts an answer where its room ends, even within a batch; what is left of that one, clients ignore. */
function wholeBatches(bytes: Buffer): Batch[] {
  const batches: Batch[] = []
  for (let position = 0; position + logOverhead <= bytes.length; ) {
    const sizeBytes = logOverhead + bytes.readInt32BE(position + batchLengthPosition)
    if (position + sizeBytes > bytes.length) break
    batches.push(new Batch(bytes, position))
    position += sizeBytes
  }
  return batches
}
