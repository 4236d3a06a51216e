// Store and forward: records go to a log on this disk first, which always works, and from there to Kafka, in order, whenever it can be
// reached. A record is safe from when `add` resolves: kills and power cuts lose nothing. README.md says what may be repeated, and when.
import { setTimeout as pause } from 'node:timers/promises'
import { Tidemark } from 'tidemark'
import { openLog } from 'tidemark/log'

/** The most records that are sent and not yet crossed off: what may have to be looked for after a kill. */
const batchCount = 500
const positionHeader = 'outbox-offset'

/**
 * A log of what is to be sent to one partition of a topic, which belongs to this outbox alone. What has been acknowledged there is
 * trimmed here, so the log begins with the first record that is perhaps not there.
 */
export class Outbox {
  #log
  #servers
  #to
  #stop = new AbortController()
  #forwarding

  /** `durability: 'sync'`, the default of a log, is what makes it survive power cuts. */
  static async open(directory, { servers, topic, partition = 0, onTrouble = () => {} }) {
    return new Outbox(await openLog(directory), servers, { topic, partition }, onTrouble)
  }

  constructor(log, servers, to, onTrouble) {
    this.#log = log
    this.#servers = servers
    this.#to = to
    this.#forwarding = this.#forwardForEver(onTrouble)
  }

  /** How many records wait to be forwarded. */
  get waitingCount() {
    return this.#log.endOffset - this.#log.startOffset
  }

  /** Takes a record; resolves when it is on the disk. */
  async add({ key = null, value, headers = {} }) {
    await this.#log.append({ key, value, headers })
  }

  async close() {
    this.#stop.abort()
    await this.#forwarding
    await this.#log.close()
  }

  /** Whatever goes wrong, it begins again: nothing is crossed off that was not acknowledged. */
  async #forwardForEver(onTrouble) {
    const { signal } = this.#stop
    while (!signal.aborted)
      try {
        await this.#forward(signal)
      } catch (error) {
        if (signal.aborted) return
        onTrouble(error)
        await pause(200, undefined, { signal }).catch(() => {})
      }
  }

  async #forward(signal) {
    const tidemark = await Tidemark.connect(this.#servers, { signal })
    try {
      // Idempotent, so that what is sent twice by this producer is written once. It gives up only when it is closed.
      const producer = tidemark.producer({ deliveryTimeoutMs: 2 ** 31 })
      const arrived = await this.#lastArrived(tidemark)
      for (;;) {
        const records = await this.#next(signal)
        const missing = records.filter(({ offset }) => !arrived.has(offset))
        await producer.sendAll(
          missing.map((record) => this.#outgoing(record)),
          { signal },
        )
        await this.#log.trim(records.at(-1).offset + 1)
      }
    } finally {
      await tidemark.close().catch(() => {})
    }
  }

  /** Waits for a record, and takes those that are there behind it. */
  async #next(signal) {
    const records = []
    for await (const record of this.#log.read({ follow: true, signal })) {
      records.push(record)
      if (records.length === batchCount || record.offset + 1 === this.#log.endOffset) break
    }
    return records
  }

  #outgoing({ offset, key, value, headers, timestamp }) {
    return { ...this.#to, key, value, timestamp, headers: { ...headers, [positionHeader]: String(offset) } }
  }

  /**
   * Which records of the last batch before this start have arrived, although nobody lived to hear of it: a new producer is not
   * known to the broker, so idempotence does not cover these.
   */
  async #lastArrived(tidemark) {
    const consumer = tidemark.consumer({ assignment: [this.#to], isolationLevel: 'read_uncommitted' })
    const arrived = new Set()
    const [[{ offset: start }], [{ offset: end }]] = await Promise.all([
      consumer.beginningOffsets([this.#to]),
      consumer.endOffsets([this.#to]),
    ])
    if (end > start) {
      consumer.seek(this.#to, Math.max(start, end - batchCount))
      for await (const { offset, headers } of consumer) {
        arrived.add(Number(headers[positionHeader]))
        if (offset === end - 1) break
      }
    }
    await consumer.close()
    return arrived
  }
}
