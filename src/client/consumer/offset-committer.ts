import { SerialQueue } from '../../base/serial-queue.ts'
import type { Timer, Timers } from '../../env/timers.ts'
import type { OffsetToCommit } from '../group/group-offsets.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { Assignment } from './assignment.ts'
import { reportTrouble } from './channels.ts'
import type { Delivery } from './delivery.ts'

/** What an {@link OffsetCommitter} works with. */
export interface OffsetCommitterOptions<K, V> {
  readonly assignment: Assignment<K, V>
  readonly delivery: Delivery<K, V>
  readonly timers: Timers
  /** Sends offsets to the coordinator of the group. */
  readonly commit: (offsets: readonly OffsetToCommit[]) => Promise<void>
  /** Called with what was committed. */
  readonly onCommit: (offsets: readonly OffsetToCommit[]) => void
  /** How often what is done is committed; undefined for never. */
  readonly autoCommitIntervalMs: number | undefined
}

/**
 * Commits how far a consumer has come, one commit after the other, so that none overtakes another. Partitions that have not moved
 * since are left out.
 *
 * What is committed by itself is what is *done*: after a crash the record that was in hand comes again. What is committed on
 * demand is what was *handed* out, the record in hand included.
 */
export class OffsetCommitter<K, V> {
  readonly #options: OffsetCommitterOptions<K, V>
  readonly #queue = new SerialQueue()
  #timer: Timer | undefined

  constructor(options: OffsetCommitterOptions<K, V>) {
    this.#options = options
  }

  /** Begins to commit what is done, if that is wanted at all. */
  start(): void {
    const { autoCommitIntervalMs, timers } = this.#options
    if (autoCommitIntervalMs === undefined || this.#timer !== undefined) return
    const again = (): void => {
      this.#timer = timers.after(autoCommitIntervalMs, () => void this.commitDone().then(again))
    }
    again()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = { cancel() {} }
  }

  /** Commits what is done of `partitions`, by default of all, if that is to be done by itself. A failure is reported only. */
  async commitDone(partitions: Iterable<AssignedPartition<K, V>> = this.#options.assignment): Promise<void> {
    const { autoCommitIntervalMs, delivery } = this.#options
    if (autoCommitIntervalMs === undefined) return
    try {
      await this.#commitMoved(partitions, (partition) => delivery.doneOffset(partition))
    } catch (error) {
      reportTrouble('commit', error)
    }
  }

  /** Commits what was handed out of all partitions. @throws as the coordinator refuses it */
  async commitHanded(): Promise<void> {
    await this.#commitMoved(this.#options.assignment, ({ offset }) => offset)
  }

  /** Commits `offsets` as they are. @throws as the coordinator refuses them */
  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { assignment, commit, delivery, onCommit } = this.#options
    await this.#queue.run(async () => {
      if (offsets.length === 0) return
      await commit(offsets)
      for (const { offset, ...of } of offsets) {
        const partition = assignment.find(of)
        if (partition === undefined) continue
        partition.committedOffset = offset
        // Otherwise what is committed by itself later would take back what the application has committed.
        delivery.markDone(partition, offset)
      }
      onCommit(offsets)
    })
  }

  async #commitMoved(
    partitions: Iterable<AssignedPartition<K, V>>,
    offsetOf: (partition: AssignedPartition<K, V>) => number,
  ): Promise<void> {
    const offsets: OffsetToCommit[] = []
    for (const partition of partitions) {
      const offset = offsetOf(partition)
      // While the position is being found, or is to be told to be wrong, it is not where the application is.
      if (offset < 0 || offset === partition.committedOffset || !hasPosition(partition)) continue
      const { topic, partition: index, leaderEpoch } = partition
      offsets.push({ topic, partition: index, offset, leaderEpoch })
    }
    await this.commit(offsets)
  }
}

function hasPosition({ want }: AssignedPartition): boolean {
  return want === undefined || want.kind === 'validation'
}
