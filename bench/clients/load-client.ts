/** Bytes of a record's value, and records under way at most. */
export const valueBytes = 100
export const inFlightCount = 10_000

/** Records of one call of a client that sends them by the call, and how many calls are then under way. */
export const callCount = 500
export const callsInFlight = inFlightCount / callCount

/** A client under load. Topics have one partition. */
export interface LoadClient {
  /** Sends records to a topic, with at most {@link inFlightCount} under way; resolves when all are acknowledged by all replicas. */
  produce(topic: string, value: Buffer, recordCount: number): Promise<void>
  /**
   * Reads the first `recordCount` records of a topic and looks at the value of each.
   *
   * @param way one of the client's {@link ways}
   * @param onRead told as it goes how many it has read, for the first time when it has the first
   */
  consume(topic: string, recordCount: number, way: string, onRead: OnRead): Promise<void>
  close(): Promise<void>
}

export type OnRead = (readCount: number) => void

/** How each client hands out records. */
export const ways = {
  tidemark: ['for await', 'batches()'],
  kafkajs: ['eachMessage', 'eachBatch'],
  platformatic: ["'data' events"],
} as const

/** Keeps `concurrency` calls under way until `count` have been made and have ended. */
export function repeat(count: number, concurrency: number, call: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    let begunCount = 0
    let endedCount = 0
    const ended = (): void => {
      endedCount++
      if (endedCount === count) resolve()
      else if (begunCount < count) begin()
    }
    const begin = (): void => {
      begunCount++
      call().then(ended, reject)
    }
    while (begunCount < Math.min(concurrency, count)) begin()
  })
}
