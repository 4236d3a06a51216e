import { KafkaError } from '../../wire/kafka-error.ts'
import { type ConfigKey, printSetting, readSetting } from './config-key.ts'
import { brokerKeyNamed, brokerText, type Settings } from './config-layers.ts'
import { type BrokerConfig, brokerKeys } from './declared-configs.ts'

/** `broker.id` and `node.id` are one number under two names: what is set as one is set as the other. */
export function withBothIds(staticBroker: Settings): Settings {
  const { 'node.id': nodeId = staticBroker['broker.id'], 'broker.id': brokerId = nodeId } = staticBroker
  if (nodeId === undefined || brokerId === undefined) return staticBroker
  return { ...staticBroker, 'node.id': nodeId, 'broker.id': brokerId }
}

/** What must hold between configs, each with what to say when it does not. */
const relations: readonly { readonly holds: (value: Value) => boolean; readonly otherwise: string }[] = [
  {
    holds: (value) => value('broker.id') === -1 || value('broker.id') === value('node.id'),
    otherwise: 'node.id and broker.id are two names for one number: give one of them, or the same for both',
  },
  {
    holds: (value) => value('replica.fetch.wait.max.ms') <= value('replica.socket.timeout.ms'),
    otherwise:
      'replica.socket.timeout.ms must be at least replica.fetch.wait.max.ms, or every quiet fetch times out',
  },
  {
    holds: (value) => value('replica.fetch.wait.max.ms') <= value('replica.lag.time.max.ms'),
    otherwise:
      'replica.lag.time.max.ms must be at least replica.fetch.wait.max.ms, or quiet followers leave the ISR',
  },
  {
    holds: (value) =>
      value('queued.max.request.bytes') <= 0 ||
      value('queued.max.request.bytes') >= value('socket.request.max.bytes'),
    otherwise:
      'queued.max.request.bytes must be at least socket.request.max.bytes, or the largest request never fits',
  },
  {
    holds: (value) => value('group.min.session.timeout.ms') <= value('group.max.session.timeout.ms'),
    otherwise:
      'group.min.session.timeout.ms must not be above group.max.session.timeout.ms, or no member may join',
  },
  {
    holds: (value) =>
      value('log.cleaner.min.compaction.lag.ms') <= value('log.cleaner.max.compaction.lag.ms'),
    otherwise: 'log.cleaner.min.compaction.lag.ms must not be above log.cleaner.max.compaction.lag.ms',
  },
  {
    holds: (value) =>
      value('log.retention.ms') !== 0 &&
      value('log.retention.minutes') !== 0 &&
      value('log.retention.hours') !== 0,
    otherwise: 'log.retention.ms, .minutes and .hours must be above 0, or -1 for no limit',
  },
  {
    holds: (value) => value('listeners').length > 0,
    otherwise: 'listeners must name at least one address, such as PLAINTEXT://127.0.0.1:9092',
  },
]

type Value = <N extends keyof BrokerConfig>(name: N) => BrokerConfig[N]

/** Throws a KafkaError INVALID_CONFIG for a static setting that is wrong by itself or against another. */
export function checkStaticBroker(staticBroker: Settings): void {
  for (const [name, text] of Object.entries(staticBroker)) {
    const key = brokerKeyNamed(name)
    if (key !== undefined) printSetting(key, text)
  }
  const layers = { dynamicBroker: {}, dynamicDefaultBroker: {}, staticBroker }
  const value: Value = (name) => readSetting(brokerKeys[name] as ConfigKey<never>, brokerText(layers, name))
  for (const { holds, otherwise } of relations)
    if (!holds(value)) throw new KafkaError('INVALID_CONFIG', `${otherwise}.`)
}
