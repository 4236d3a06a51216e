import type { ClusterView } from '../../cluster/cluster-view.ts'
import { defaultBrokerConfig } from '../../cluster/znodes.ts'
import type { LogConfig } from '../../log/log-config.ts'
import { type ConfigStore, resourceTypes } from './config-store.ts'
import type { BrokerConfig, TopicConfig } from './declared-configs.ts'
import { toLogConfig } from './topic-log-config.ts'

/** Keeps `configs` as the cluster has them stored, from the next change on before anybody else learns of it. */
export function followConfigs(configs: ConfigStore, view: ClusterView): void {
  const put = (name: string): void => {
    const [kind, resourceName = ''] = name.split('/')
    const resourceType = kind === 'topics' ? resourceTypes.topic : resourceTypes.broker
    const resource = { resourceType, resourceName: resourceName === defaultBrokerConfig ? '' : resourceName }
    configs.put(resource, view.configs.get(name) ?? {})
  }
  for (const name of view.configs.keys()) put(name)
  view.onChange((change) => change.configs.forEach(put))
}

/**
 * What the logs of a topic go by. Most of a thousand partitions go by the same: it is worked out once, and they share
 * it, until a setting of the topic or the broker changes.
 */
export function logConfigs(configs: ConfigStore): (topic: string) => LogConfig {
  const known = new WeakMap<TopicConfig, { readonly broker: BrokerConfig; readonly log: LogConfig }>()
  return (name) => {
    const topic = configs.topicConfig(name)
    const broker = configs.brokerConfig()
    const found = known.get(topic)
    if (found?.broker === broker) return found.log
    // One reserve for a data directory, and not one for each partition in it.
    const log = { ...toLogConfig(topic, broker), reserveBytes: 0 }
    known.set(topic, { broker, log })
    return log
  }
}
