import type {
  CoordinatorLog,
  CoordinatorRecord,
  LoggedMarker,
  LoggedRecord,
  TransactionProducer,
} from '../../../../src/broker/groups/coordinator-log.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'

/** A topic of coordinator records in memory, which can be made to hold back or to fail. */
export class MemoryCoordinatorLog implements CoordinatorLog {
  readonly partitions: (LoggedRecord | LoggedMarker)[][]
  readonly #nowMs: () => number
  #failure: Error | undefined
  #gate: Promise<void> | undefined
  #openGate: () => void = () => {}
  #leadership = { isLost: false, isStored: false }

  constructor(partitionCount: number, nowMs: () => number) {
    this.partitions = Array.from({ length: partitionCount }, () => [])
    this.#nowMs = nowMs
  }

  partitionCount(): number {
    return this.partitions.length
  }

  /** Every append fails, until `undefined` is given. */
  failWith(error: Error | undefined): void {
    this.#failure = error
  }

  /** Appends stay under way, and replays do not begin, until {@link release}. */
  hold(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#openGate = resolve
    })
  }

  release(): void {
    this.#gate = undefined
    this.#openGate()
  }

  /**
   * Leadership is lost: the appends under way fail, although they may be in the log. Those that come after are of the
   * next leader.
   */
  loseLeadership(isStored: boolean): void {
    this.#leadership.isLost = true
    this.#leadership.isStored = isStored
    this.#leadership = { isLost: false, isStored: false }
    this.release()
  }

  async append(
    partition: number,
    records: readonly CoordinatorRecord[],
    transaction?: TransactionProducer,
  ): Promise<void> {
    const failure = this.#failure
    const leadership = this.#leadership
    await this.#gate
    if (failure !== undefined) throw failure
    const lost = new KafkaError('NOT_LEADER_OR_FOLLOWER', 'another broker leads')
    if (leadership.isLost && !leadership.isStored) throw lost
    const producer = transaction === undefined ? {} : { producerId: transaction.producerId }
    for (const { key, value } of records)
      this.partitions[partition]?.push({ key, value, timestamp: this.#nowMs(), ...producer })
    if (leadership.isLost) throw lost
  }

  appendMarker(partition: number, producerId: number, isCommitted: boolean): void {
    this.partitions[partition]?.push({ producerId, isCommitted })
  }

  async *replay(partition: number): AsyncGenerator<LoggedRecord | LoggedMarker> {
    await this.#gate
    // A copy: what is appended while it is read was not there when this broker became the leader.
    for (const logged of [...(this.partitions[partition] ?? [])]) yield logged
  }
}
