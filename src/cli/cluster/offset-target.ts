import { type Command, Option } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { ClusterMetadata, TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { UsageError } from '../failure.ts'
import { parseDuration, parseOffset, parseTime } from '../option-values.ts'
import { earliest, findOffsets, type FoundOffset, latest, PartitionMap } from './partition-offsets.ts'

/** Where in partitions to go, as options say it: exactly one of them. */
export interface TargetOptions {
  readonly toEarliest?: boolean
  readonly toLatest?: boolean
  readonly toOffset?: number
  readonly toDatetime?: number
  readonly byDuration?: number
}

/** Gives `command` the options of {@link TargetOptions}, under the names that they have with Kafka's tools. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(new Option('--to-earliest', 'to the first record'))
    .addOption(new Option('--to-latest', 'to the end'))
    .option('--to-offset <offset>', 'to that offset', parseOffset)
    .option('--to-datetime <time>', 'to the first record at or after it: ISO time or milliseconds', parseTime)
    .option(
      '--by-duration <duration>',
      'to the first record that is at most so old: 90m, PT1H30M',
      parseDuration,
    )
}

const targetNames = ['toEarliest', 'toLatest', 'toOffset', 'toDatetime', 'byDuration'] as const

/** @throws UsageError unless exactly one target is given; `others` says whether there are targets beside these, by option */
export function requireOneTarget(
  options: TargetOptions,
  others: Readonly<Record<string, boolean>> = {},
): void {
  const given = [...targetNames.map((name) => options[name] !== undefined), ...Object.values(others)].filter(
    Boolean,
  ).length
  if (given === 1) return
  const names = [...targetNames.map(optionName), ...Object.keys(others)].join(', ')
  throw new UsageError(`say where to, once: one of ${names}`)
}

function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The bounds of a partition, and the offset that was asked for. */
export interface PartitionTarget extends TopicPartition {
  readonly startOffset: number
  readonly endOffset: number
  /** What was asked for; it may lie outside the bounds. */
  readonly wanted: number
  /** The nearest to it within the bounds. */
  readonly target: number
  /** Not 0 when a leader did not answer for the partition; then the offsets mean nothing. */
  readonly errorCode: number
}

/** What a target is found with. */
export interface TargetSearch {
  readonly client: ClusterClient
  readonly metadata: ClusterMetadata
  readonly partitions: readonly TopicPartition[]
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/** Where the options lead to in each partition. `given` decides where they name no place, as with shifts. */
export async function findTargets(
  search: TargetSearch,
  options: TargetOptions,
  given: (partition: TopicPartition) => number | undefined = () => options.toOffset,
): Promise<PartitionTarget[]> {
  const { client, metadata, partitions, signal } = search
  const find = (timestamp: number): Promise<PartitionMap<FoundOffset>> =>
    findOffsets(client, metadata, partitions, timestamp, signal)
  const timestamp = timestampOf(options, search.nowMs)
  const [starts, ends, timed] = await Promise.all([
    find(earliest),
    find(latest),
    timestamp === undefined ? new PartitionMap<FoundOffset>() : find(timestamp),
  ])
  return partitions.map((partition) => {
    const [start, end, found] = [starts.get(partition), ends.get(partition), timed.get(partition)]
    const errorCode =
      [start, end, found].find((each) => each !== undefined && each.errorCode !== 0)?.errorCode ?? 0
    const [startOffset, endOffset] = [start?.offset ?? 0, end?.offset ?? 0]
    const wanted = wantedOffset(options, { startOffset, endOffset, found }, given(partition))
    const target = Math.min(Math.max(wanted, startOffset), endOffset)
    return { ...partition, startOffset, endOffset, wanted, target, errorCode }
  })
}

function timestampOf({ toDatetime, byDuration }: TargetOptions, nowMs: number): number | undefined {
  return byDuration === undefined ? toDatetime : nowMs - byDuration
}

function wantedOffset(
  { toEarliest, toLatest }: TargetOptions,
  {
    startOffset,
    endOffset,
    found,
  }: { startOffset: number; endOffset: number; found: FoundOffset | undefined },
  given: number | undefined,
): number {
  if (toEarliest === true) return startOffset
  if (toLatest === true) return endOffset
  // Nothing as late as the time that was asked for: the next record will be.
  if (found !== undefined) return found.offset < 0 ? endOffset : found.offset
  return given ?? endOffset
}
