import type { Target } from '../cluster/broker-finder.ts'

/** Kafka's numbers for what has configs. */
const resourceTypes = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

/** A kind of thing that has configs. */
export type ConfigResourceType = keyof typeof resourceTypes

/** Something that has configs: a topic, a broker by its id, a group. */
export interface ConfigResource {
  readonly type: ConfigResourceType
  /** The name of the topic or group, the id of the broker; an empty one stands for the defaults of all brokers. */
  readonly name: string
}

/** Each broker answers for its own configs, any broker for all the others. */
export function configTarget({ type, name }: ConfigResource): Target {
  const isOfBroker = type === 'brokerLogger' || (type === 'broker' && name !== '')
  return isOfBroker ? { nodeId: Number(name) } : 'any'
}

const words: Readonly<Record<ConfigResourceType, string>> = {
  topic: 'topic',
  broker: 'broker',
  brokerLogger: 'logger of broker',
  clientMetrics: 'client metrics',
  group: 'group',
}

/** What an error calls a resource. */
export function configSubject({ type, name }: ConfigResource): string {
  return type === 'broker' && name === '' ? 'defaults of brokers' : `${words[type]} '${name}'`
}

/** A resource as requests have it. */
export function wireResource({ type, name }: ConfigResource) {
  return { resourceType: resourceTypes[type], resourceName: name }
}

/** Tells resources apart. */
export function configKey({ type, name }: ConfigResource): string {
  return `${resourceTypes[type]} ${name}`
}

/** Answers about resources, with what tells these apart. */
export function configAnswers<
  Answer extends { readonly resourceType: number; readonly resourceName: string },
>(answers: readonly Answer[]): (readonly [string, Answer])[] {
  return answers.map((answer) => [`${answer.resourceType} ${answer.resourceName}`, answer])
}
