import { channel } from 'node:diagnostics_channel'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'

/** A fetch has been answered, or has failed and will be made again. */
export interface FetchEvent {
  readonly nodeId: number
  /** How many partitions were asked for. */
  readonly partitionCount: number
  /** Bytes of batches that came. */
  readonly bytes: number
  /** What went wrong, if something did: with all partitions, or with the one that `partition` names. */
  readonly error?: unknown
  readonly partition?: TopicPartition
}

/** Something that a consumer gets over by itself, or that must not end it. */
export interface ConsumerTroubleEvent {
  /** What was being done: `find positions`, `commit`, `onConsume` of an interceptor and so on. */
  readonly during: string
  readonly error: unknown
}

/**
 * What consumers tell whoever listens, through `node:diagnostics_channel`; without a subscriber nothing is built or sent.
 *
 * - `tidemark:fetch`     {@link FetchEvent}            an answer to a fetch, or why there is none
 * - `tidemark:consumer`  {@link ConsumerTroubleEvent}  errors that are retried or isolated
 *
 * What happens in its group is on `tidemark:rebalance`.
 */
export const channels = {
  fetch: channel('tidemark:fetch'),
  consumer: channel('tidemark:consumer'),
} as const

/** Tells of something that went wrong and that nobody waits for. */
export function reportTrouble(during: string, error: unknown): void {
  if (!channels.consumer.hasSubscribers) return
  const event: ConsumerTroubleEvent = { during, error }
  channels.consumer.publish(event)
}
