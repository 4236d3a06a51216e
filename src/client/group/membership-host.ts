import type { TopicPartition } from '../cluster/cluster-metadata.ts'

/** Whose membership it is: the consumer. Of the methods that take time, only one runs at a time. */
export interface MembershipHost {
  /** The topics that are wanted now, patterns resolved. */
  subscription(): Promise<readonly string[]>
  /** The partitions that the consumer has now. */
  owned(): readonly TopicPartition[]
  /**
   * Partitions go to others once this resolves: deliver nothing of them any more, wait for the record in hand, commit. Heartbeats
   * go on meanwhile, but the whole group waits, for at most `maxPollIntervalMs`. Called in a generation that still holds,
   * so that what is committed now counts.
   */
  revoked(partitions: readonly TopicPartition[]): Promise<void>
  /** Partitions are with others already, or may be: a commit would be refused. */
  lost(partitions: readonly TopicPartition[]): Promise<void>
  /** Partitions that come in addition to those that the consumer has; perhaps none. */
  assigned(partitions: readonly TopicPartition[]): Promise<void>
  /**
   * Whether the application is waiting for records right now. While it is, `maxPollIntervalMs` does not count. Default: no; then
   * `pollTouched` has to be called while it waits, too.
   */
  isWaiting?(): boolean
  /** The membership is over and will not come back by itself. What the consumer has, others may have too. */
  failed(error: Error): void
}
