import { errorCodes } from '../../wire/error-codes.ts'
import {
  type DescribeLogDirsRequest,
  describeLogDirsRequest,
  describeLogDirsResponse,
  type DescribeLogDirsResponseInput,
} from '../../wire/messages/35-describe-log-dirs.ts'
import type { Broker } from '../broker.ts'
import type { DataDirectory } from '../data-directory.ts'
import { handler } from '../handler.ts'
import type { Partition } from '../partition.ts'

type TopicResponse = DescribeLogDirsResponseInput['results'][number]['topics'][number]

/** What each data directory holds, and how much room there is (KIP-113, KIP-827). */
export const describeLogDirs = handler(
  { request: describeLogDirsRequest, response: describeLogDirsResponse },
  (broker, request) => ({
    throttleTimeMs: 0,
    errorCode: errorCodes.NONE,
    results: broker.directories.map((directory) => ({
      errorCode: errorCodes.NONE,
      logDir: directory.path,
      topics: topicsIn(broker, directory, request),
      usableBytes: broker.env.files.freeBytesSync(directory.path),
    })),
  }),
)

function topicsIn(
  broker: Broker,
  directory: DataDirectory,
  request: DescribeLogDirsRequest,
): TopicResponse[] {
  const topics = new Map<string, TopicResponse & { partitions: TopicResponse['partitions'][number][] }>()
  for (const [, partition] of broker.replicas.inDirectory(directory)) {
    if (partition === undefined || !isAsked(request, partition)) continue
    const topic = topics.get(partition.topic) ?? { name: partition.topic, partitions: [] }
    topics.set(partition.topic, topic)
    topic.partitions.push({
      partitionIndex: partition.index,
      partitionSize: partition.log.state.segments.sizeBytes,
      // What the replica lacks of what it may show: nothing, for the leader.
      offsetLag: Math.max(0, partition.highWatermark - partition.log.endOffset),
      isFutureKey: false,
    })
  }
  return [...topics.values()]
}

function isAsked({ topics }: DescribeLogDirsRequest, { topic, index }: Partition): boolean {
  return topics === null || topics.some((asked) => asked.topic === topic && asked.partitions.includes(index))
}
