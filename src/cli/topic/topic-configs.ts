import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { rpc } from '../../client/network/rpc.ts'
import { describeConfigsRequest, describeConfigsResponse } from '../../wire/messages/32-describe-configs.ts'

/** Kafka's number for a topic among the resources that have configs. */
export const topicResource = 2
/** Where a config's value comes from: the topic itself. */
const setOnTopic = 1

/** A config of a topic, as it applies. */
export interface TopicConfig {
  readonly name: string
  /** Null for what is not to be told. */
  readonly value: string | null
  /** Whether it was set on the topic itself, and not taken from the broker. */
  readonly isSet: boolean
}

const describeConfigsApi = rpc(describeConfigsRequest, describeConfigsResponse)

/** All configs of topics, by topic and in the order of their names. Topics that are gone meanwhile have none. */
export async function topicConfigs(
  client: ClusterClient,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, TopicConfig[]>> {
  const resources = topics.map((resourceName) => ({
    resourceType: topicResource,
    resourceName,
    configurationKeys: null,
  }))
  if (resources.length === 0) return new Map()
  const { results } = await client.call('any', describeConfigsApi, { resources }, { signal })
  return new Map(
    results.map(({ resourceName, configs }) => [
      resourceName,
      configs
        .map(({ name, value, configSource }) => ({ name, value, isSet: configSource === setOnTopic }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ]),
  )
}
