/**
 * The names of Kafka's files, written and read in one place. A log directory holds one directory per partition,
 * `<topic>-<partition>`, and a few files about all of them; a partition's directory holds segments, whose files
 * share a base offset of 20 digits, and two files about the whole partition.
 */

/** In a partition's directory: the leader epochs and where each began. */
export const leaderEpochCheckpointFile = 'leader-epoch-checkpoint'
/** In a partition's directory: the topic's id. */
export const partitionMetadataFile = 'partition.metadata'
/** In the log directory: per partition the offset up to which everything was flushed. */
export const recoveryPointCheckpointFile = 'recovery-point-offset-checkpoint'
/** In the log directory: per partition the log start offset, where it is beyond the first segment's base. */
export const logStartOffsetCheckpointFile = 'log-start-offset-checkpoint'
/** In the log directory: per partition the high watermark. */
export const replicationOffsetCheckpointFile = 'replication-offset-checkpoint'
/** In the log directory: per compacted partition the first offset that was not cleaned. */
export const cleanerOffsetCheckpointFile = 'cleaner-offset-checkpoint'
/** In the log directory: the identity of the node and its cluster. */
export const metaPropertiesFile = 'meta.properties'
/** In the log directory: held by the process that writes. */
export const lockFile = '.lock'
/** In the log directory: there only after a clean stop, removed first thing at the next start. */
export const cleanShutdownFile = '.kafka_cleanshutdown'
/** Ends the name of a file that is being written and will be renamed; a crash may leave one behind, worthless. */
export const temporarySuffix = '.tmp'

const segmentFileKinds = ['.log', '.index', '.timeindex', '.txnindex', '.snapshot'] as const

/** What a segment's file holds. A `.snapshot` is named for the END offset it covers, the others for the base offset. */
export type SegmentFileKind = (typeof segmentFileKinds)[number]

const segmentFileStates = ['current', 'deleted', 'cleaned', 'swap', 'tmp'] as const

/**
 * Where a segment's file is in its life: `current` has no further suffix; `deleted` waits for its removal;
 * `cleaned` is unfinished output of the cleaner; `swap` is finished output that is replacing others; `tmp` is
 * being written.
 */
export type SegmentFileState = (typeof segmentFileStates)[number]

export interface SegmentFileName {
  readonly baseOffset: number
  readonly kind: SegmentFileKind
  readonly state: SegmentFileState
}

/** `00000000000000000565.index`, or `00000000000000000565.index.deleted` in another state than `current`. */
export function segmentFileName(
  baseOffset: number,
  kind: SegmentFileKind,
  state: SegmentFileState = 'current',
): string {
  const name = String(baseOffset).padStart(20, '0') + kind
  return state === 'current' ? name : `${name}.${state}`
}

const segmentFilePattern = /^(\d{20})(\.[a-z]+)(?:\.([a-z]+))?$/

/** Takes a name apart again; `undefined` for any name that {@link segmentFileName} does not make. */
export function parseSegmentFileName(name: string): SegmentFileName | undefined {
  const [, digits, suffix, further = 'current'] = segmentFilePattern.exec(name) ?? []
  const baseOffset = Number(digits)
  const kind = segmentFileKinds.find((each) => each === suffix)
  const state = segmentFileStates.find((each) => each === further)
  if (!Number.isSafeInteger(baseOffset) || kind === undefined || state === undefined) return undefined
  const parsed = { baseOffset, kind, state }
  return segmentFileName(baseOffset, kind, state) === name ? parsed : undefined
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** True for a name Kafka allows: 1 to 249 of `a-z A-Z 0-9 . _ -`, but not `.` or `..`, which are directories. */
export function validTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'
}

/** The directory of a partition: `orders-eu-0` is partition 0 of the topic `orders-eu`. */
export function topicPartitionDirectory({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/**
 * Takes a partition's directory name apart at its last `-`, for a topic's name may hold dashes too. `undefined`
 * for everything else, so also for partitions on their way out or in (`...-delete`, `...-stray`, `...-future`).
 */
export function parseTopicPartition(directoryName: string): TopicPartition | undefined {
  const dash = directoryName.lastIndexOf('-')
  const topic = directoryName.slice(0, Math.max(dash, 0))
  const digits = directoryName.slice(dash + 1)
  // Only the digits that would be written again: `orders-01` would be a second directory for `orders-1`.
  if (!validTopicName(topic) || !/^(0|[1-9]\d{0,9})$/.test(digits)) return undefined
  const partition = Number(digits)
  return partition <= 0x7fffffff ? { topic, partition } : undefined
}
