import { MetadataConflictError } from '../base/errors.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import type { MetadataStore } from '../cluster/metadata-store.ts'
import { decodeProducerIdBlock, encodeProducerIdBlock, producerIdBlockKey } from '../cluster/znodes.ts'

/** Ids that a broker takes at once, as Kafka does: a restart wastes at most so many. */
const blockCount = 1000

/** Somebody else was faster each time: with so many brokers starting at once something else is wrong. */
const attemptsMax = 100

/** Hands out producer ids, each once in the life of the cluster: blocks of them are taken from the metadata store. */
export class ProducerIds {
  readonly #store: MetadataStore
  readonly #brokerId: number
  readonly #queue = new SerialQueue()
  #nextId = 0
  #endId = 0

  constructor(store: MetadataStore, brokerId: number) {
    this.#store = store
    this.#brokerId = brokerId
  }

  /** @throws as the metadata store does */
  next(): Promise<number> {
    return this.#queue.run(async () => {
      if (this.#nextId === this.#endId) await this.#takeBlock()
      return this.#nextId++
    })
  }

  async #takeBlock(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.#store.get(producerIdBlockKey)
      const firstId = found === undefined ? 0 : decodeProducerIdBlock(found.value).lastId + 1
      const lastId = firstId + blockCount - 1
      const value = encodeProducerIdBlock({ broker: this.#brokerId, firstId, lastId })
      const key = producerIdBlockKey
      try {
        await this.#store.commit([
          found === undefined
            ? { op: 'create', key, value }
            : { op: 'set', key, value, version: found.version },
        ])
        this.#nextId = firstId
        this.#endId = lastId + 1
        return
      } catch (error) {
        if (!(error instanceof MetadataConflictError) || attempt === attemptsMax) throw error
      }
    }
  }
}
