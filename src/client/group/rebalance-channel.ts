import { channel } from 'node:diagnostics_channel'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'

/**
 * What has happened to a member of a group. `join`: it asks to join, for `reason`. `assigned`: partitions came to it. `revoked`:
 * it has given some up, in time. `lost`: others may have had them already. `failed`: it takes part no more, for `reason`.
 */
export interface RebalanceEvent {
  readonly groupId: string
  readonly memberId: string
  /** -1 while it is in none. */
  readonly generationId: number
  readonly kind: 'join' | 'assigned' | 'revoked' | 'lost' | 'failed'
  readonly partitions: readonly TopicPartition[]
  readonly reason?: string
}

/** `tidemark:rebalance`: a {@link RebalanceEvent} for each thing that happens. Without a subscriber nothing is built or sent. */
export const rebalanceChannel = channel('tidemark:rebalance')
