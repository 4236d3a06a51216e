import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { KnownPartition } from '../cluster/known-topic.ts'
import { responseError } from '../cluster/response-error.ts'
import { partitionKey } from '../group/topic-partitions.ts'
import type { BrokerLink } from '../network/transport.ts'

/** What was found out about a partition, or why it was not. */
export type Outcome<P, T> =
  | { readonly of: P; readonly value: T; readonly error?: undefined }
  | { readonly of: P; readonly error: unknown }

/** One partition in an answer. */
export interface PartitionAnswer extends TopicPartition {
  readonly errorCode: number
}

/** How leaders are asked about the partitions that they lead. */
export interface LeaderCall<P extends TopicPartition, A extends PartitionAnswer, T> {
  /** Kafka's name of the API, for errors. */
  readonly apiName: string
  /** Connections of this purpose are used. */
  readonly purpose: string
  /** Asks one leader about partitions of its own. */
  readonly ask: (link: BrokerLink, led: readonly Led<P>[]) => Promise<readonly A[]>
  readonly valueOf: (answer: A) => T
  readonly signal?: AbortSignal | undefined
}

/** A partition with its leader, as far as known. */
export interface Led<P> {
  readonly of: P
  readonly leader: KnownPartition
}

/**
 * Asks about partitions, each leader about its own, all at once and once only. What fails for one partition or one broker
 * fails for those alone. Leaders that turn out to be none are doubted, so that asking again finds others.
 */
export async function askLeaders<P extends TopicPartition, A extends PartitionAnswer, T>(
  client: ClusterClient,
  partitions: readonly P[],
  call: LeaderCall<P, A, T>,
): Promise<Outcome<P, T>[]> {
  const outcomes: Outcome<P, T>[] = []
  const byLeader = new Map<number, Led<P>[]>()
  await Promise.all(
    partitions.map(async (of) => {
      try {
        const leader = await leaderOf(client, of, call.signal)
        const group = byLeader.get(leader.leaderId)
        if (group === undefined) byLeader.set(leader.leaderId, [{ of, leader }])
        else group.push({ of, leader })
      } catch (error) {
        outcomes.push({ of, error })
      }
    }),
  )
  const answered = await Promise.all(
    [...byLeader].map(async ([nodeId, led]) => await askLeader(client, nodeId, led, call)),
  )
  return [...outcomes, ...answered.flat()]
}

async function askLeader<P extends TopicPartition, A extends PartitionAnswer, T>(
  client: ClusterClient,
  nodeId: number,
  led: readonly Led<P>[],
  { apiName, purpose, ask, valueOf, signal }: LeaderCall<P, A, T>,
): Promise<Outcome<P, T>[]> {
  try {
    const link = await client.link({ nodeId }, { purpose, ...(signal === undefined ? {} : { signal }) })
    const answers = new Map((await ask(link, led)).map((answer) => [partitionKey(answer), answer]))
    return led.map(({ of }) => {
      const answer = answers.get(partitionKey(of))
      const errorCode = answer?.errorCode ?? errorCodes.UNKNOWN_SERVER_ERROR
      if (answer !== undefined && errorCode === errorCodes.NONE) return { of, value: valueOf(answer) }
      client.topics.doubt(of.topic)
      return { of, error: responseError(errorCode, `${apiName} of ${of.topic}-${of.partition}`) }
    })
  } catch (cause) {
    client.doubt({ nodeId })
    const error = isUnknownBroker(cause)
      ? new KafkaError('LEADER_NOT_AVAILABLE', cause.message, { cause })
      : cause
    return led.map(({ of }) => {
      client.topics.doubt(of.topic)
      return { of, error }
    })
  }
}

async function leaderOf(
  client: ClusterClient,
  { topic, partition }: TopicPartition,
  signal: AbortSignal | undefined,
): Promise<KnownPartition> {
  const known =
    client.topics.current(topic) ??
    (await client.topics.lookUp(topic, signal === undefined ? {} : { signal }))
  const leader = known.partitions[partition]
  if (leader === undefined)
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic}-${partition}`)
  if (leader.leaderId >= 0) return leader
  client.topics.doubt(topic)
  throw new KafkaError('LEADER_NOT_AVAILABLE', `nobody leads ${topic}-${partition} at this moment`)
}

/** A leader that is no broker of the cluster has gone, and another will be elected. */
export function isUnknownBroker(error: unknown): error is KafkaError {
  return error instanceof KafkaError && error.kafkaName === 'BROKER_NOT_AVAILABLE'
}
