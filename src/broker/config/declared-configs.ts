import type { ConfigKeys, ConfigValues } from './config-key.ts'
import { clusterConfigs, ineffectiveClusterConfigs } from './declared/cluster-configs.ts'
import { groupsConfigs, ineffectiveGroupsConfigs } from './declared/groups-configs.ts'
import { ineffectiveLaterGroupsConfigs } from './declared/later-groups-configs.ts'
import { ineffectiveListenersConfigs, listenersConfigs } from './declared/listeners-configs.ts'
import { ineffectiveLogConfigs, logConfigs } from './declared/log-configs.ts'
import { ineffectiveLoginsConfigs } from './declared/logins-configs.ts'
import { ineffectiveMeasuringConfigs } from './declared/measuring-configs.ts'
import { ineffectiveQuorumConfigs } from './declared/quorum-configs.ts'
import { ineffectiveRemoteStorageConfigs } from './declared/remote-storage-configs.ts'
import { ineffectiveSecurityConfigs, securityConfigs } from './declared/security-configs.ts'
import { ineffectiveTopicConfigs, topicConfigs } from './declared/topic-configs.ts'
import { ineffectiveTransactionsConfigs, transactionsConfigs } from './declared/transactions-configs.ts'

const effectiveBrokerKeys = {
  ...clusterConfigs,
  ...groupsConfigs,
  ...listenersConfigs,
  ...logConfigs,
  ...securityConfigs,
  ...transactionsConfigs,
}

/** What a topic may be told for itself. */
export const topicKeys: typeof topicConfigs & typeof ineffectiveTopicConfigs = {
  ...topicConfigs,
  ...ineffectiveTopicConfigs,
}

/**
 * What a broker may be told, in its properties file or while it runs: all that Kafka 4.3 knows, and a few of our
 * own.
 */
export const brokerKeys: ConfigKeys & typeof effectiveBrokerKeys = {
  ...effectiveBrokerKeys,
  ...ineffectiveClusterConfigs,
  ...ineffectiveGroupsConfigs,
  ...ineffectiveLaterGroupsConfigs,
  ...ineffectiveListenersConfigs,
  ...ineffectiveLogConfigs,
  ...ineffectiveLoginsConfigs,
  ...ineffectiveMeasuringConfigs,
  ...ineffectiveQuorumConfigs,
  ...ineffectiveRemoteStorageConfigs,
  ...ineffectiveSecurityConfigs,
  ...ineffectiveTransactionsConfigs,
}

/**
 * A topic's configs after all layers are applied, by Kafka's names: `config['retention.ms']`. Times in ms, sizes in
 * bytes; no limit is -1 where the config says so, and the largest long is Infinity.
 */
export type TopicConfig = ConfigValues<typeof topicKeys>

/** Those of a broker that have an effect, by Kafka's names, after all layers are applied. */
export type BrokerConfig = ConfigValues<typeof effectiveBrokerKeys>

/** The names of a {@link BrokerConfig}. */
export const effectiveBrokerNames: readonly (keyof BrokerConfig)[] = Object.keys(
  effectiveBrokerKeys,
) as (keyof BrokerConfig)[]
