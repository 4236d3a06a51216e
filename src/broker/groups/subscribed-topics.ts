import { WireError } from '../../base/errors.ts'
import { consumerProtocolSubscription } from '../../wire/records/consumer-protocol.ts'
import { versionOf } from '../../wire/versioned.ts'

/** The type that groups of consumers have. Others, such as Kafka Connect's workers, keep what they like in their metadata. */
export const consumerProtocolType = 'consumer'

/**
 * The topics that consumers subscribe to, by what they said when they joined; undefined when it cannot be read.
 * Every version of the subscription begins as version 0 does, so that later ones than are known are read too.
 */
export function subscribedTopics(subscriptions: readonly Buffer[]): ReadonlySet<string> | undefined {
  const topics = new Set<string>()
  try {
    for (const subscription of subscriptions) {
      const versionBytes = 2
      versionOf(subscription)
      for (const topic of consumerProtocolSubscription.at(0).decode(subscription, versionBytes).topics)
        topics.add(topic)
    }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
  return topics
}
