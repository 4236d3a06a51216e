import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  alterReplicaLogDirsRequest,
  alterReplicaLogDirsResponse,
  type AlterReplicaLogDirsResponseInput,
} from '../../wire/messages/34-alter-replica-log-dirs.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

type PartitionResult = AlterReplicaLogDirsResponseInput['results'][number]['partitions'][number]

/** Puts partitions into data directories (KIP-113). They stay where they are: what asks for that is granted. */
export const alterReplicaLogDirs = handler(
  { request: alterReplicaLogDirsRequest, response: alterReplicaLogDirsResponse },
  (broker, { dirs }) => {
    const byTopic = new Map<string, PartitionResult[]>()
    for (const { path, topics } of dirs)
      for (const { name, partitions } of topics) {
        const results = byTopic.get(name) ?? []
        byTopic.set(name, results)
        for (const partitionIndex of partitions)
          results.push({ partitionIndex, errorCode: move(broker, name, partitionIndex, path) })
      }
    const results = [...byTopic].map(([topicName, partitions]) => ({ topicName, partitions }))
    return { throttleTimeMs: 0, results }
  },
)

/** The error that moving it comes to. */
function move(broker: Broker, topic: string, partition: number, path: string): number {
  try {
    const target = broker.directories.find((directory) => directory.path === path)
    if (target === undefined)
      throw new KafkaError('LOG_DIR_NOT_FOUND', `there is no data directory ${path} here`)
    broker.replicas.get(topic, partition)
    if (broker.replicas.directoryOf({ topic, partition }) === target) return errorCodes.NONE
    throw new KafkaError('UNSUPPORTED_VERSION', 'partitions are not moved between data directories')
  } catch (error) {
    const { errorCode } = stateError(error)
    // Nobody asks for a leader here, but for a replica.
    return errorCode === errorCodes.NOT_LEADER_OR_FOLLOWER ? errorCodes.REPLICA_NOT_AVAILABLE : errorCode
  }
}
