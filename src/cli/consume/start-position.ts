import { InvalidArgumentError } from 'commander'
import type { Consumer, PartitionOffset } from '../../client/consumer/consumer.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { type LogPosition, parseLogPosition } from '../log-position.ts'

/** Where to begin, as the user said it; `stored` is where a group left off. */
export type StartPosition = LogPosition | 'stored'

/** The grammar, for the help of the command. */
export const startGrammar = 'start, end, stored, OFFSET, -N (the last N), @MILLISECONDS or @ISO-TIME'

/** @throws InvalidArgumentError when `text` is none of {@link startGrammar} */
export function parseStartPosition(text: string): StartPosition {
  if (text === 'stored') return text
  try {
    return parseLogPosition(text)
  } catch (error) {
    // A time that is none has been told so.
    if (text.startsWith('@')) throw error
    throw new InvalidArgumentError(`It must be ${startGrammar}.`)
  }
}

/** What is known of a partition now. */
export interface PartitionEnds {
  readonly beginning: number
  readonly end: number
  /** Of the first record at or after the time that was asked for; -1 when there is none, or none was asked for. */
  readonly atTime: number
}

/** The offset that `position` means; what lies outside the partition is the nearest inside. */
export function offsetAt(position: LogPosition, { beginning, end, atTime }: PartitionEnds): number {
  if (position === 'earliest') return beginning
  if (position === 'latest') return end
  if ('timestamp' in position) return atTime < 0 ? end : atTime
  const offset = 'last' in position ? end - position.last : position.offset
  return Math.min(end, Math.max(beginning, offset))
}

/** The offsets that `position` means in `partitions`, in their order. @throws KafkaError, ConnectionError, TimeoutError */
export async function findStart(
  consumer: Consumer,
  partitions: readonly TopicPartition[],
  position: LogPosition,
  signal: AbortSignal,
): Promise<PartitionOffset[]> {
  const times =
    typeof position === 'object' && 'timestamp' in position
      ? partitions.map((each) => ({ ...each, timestamp: position.timestamp }))
      : []
  const [beginnings, ends, atTimes] = await Promise.all([
    consumer.beginningOffsets(partitions, { signal }),
    consumer.endOffsets(partitions, { signal }),
    consumer.offsetsForTimes(times, { signal }),
  ])
  return partitions.map((partition, index) => ({
    ...partition,
    offset: offsetAt(position, {
      beginning: beginnings[index]?.offset ?? 0,
      end: ends[index]?.offset ?? 0,
      atTime: atTimes[index]?.offset ?? -1,
    }),
  }))
}
