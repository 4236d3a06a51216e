import { type Command, Option } from 'commander'
import type { CompressionName } from '../batch/compression.ts'
import type { Producer, RecordMetadata } from '../client/producer/producer.ts'
import type { Tidemark } from '../embedded/tidemark.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { Results } from './cluster/results.ts'
import { selectedPartitions } from './cluster/topic-selection.ts'
import { addTidemarkOptions, type TidemarkOptions, withTidemark } from './cluster/with-tidemark.ts'
import { madeAsAsked } from './failure.ts'
import { addLineOptions, jsonLineHelp, type LineOptions, LineRecords } from './input/line-records.ts'
import { LineSplitter } from './input/line-splitter.ts'
import { endStdin, pourStdin } from './input/pour-stdin.ts'
import { RecordSender } from './input/record-sender.ts'
import {
  collectPairs,
  parsePartition,
  type Settings,
  clientSettingsOf,
  withDefault,
} from './option-values.ts'
import { countOf, formatByteRate, formatDuration, formatRate } from './output/units.ts'
import type { Session } from './session.ts'

interface ProduceOptions extends TidemarkOptions, LineOptions {
  readonly json?: boolean
  readonly partition?: number
  readonly compression?: CompressionName
  readonly acks?: 'all' | '1' | '0'
  readonly option?: readonly (readonly [string, string])[]
  readonly verbose?: boolean
  readonly quiet?: boolean
}

/** Larger than what suits an application that waits for each record: whoever pipes wants it through. */
const defaultBatchBytes = 256 * 1024
/** The producer's own default of `maxRequestSize`. */
const defaultMaxRequestBytes = 1024 * 1024

/** `tidemark produce TOPIC` */
export function define(command: Command, session: Session): void {
  command.argument('<topic>', 'where the records go')
  addLineOptions(command, '--json')
    .option('-p, --partition <number>', 'to this partition, unless a line says another', parsePartition)
    .addOption(
      new Option('-z, --compression <codec>', 'how batches are compressed (default: none)').choices([
        ...['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      ]),
    )
    .addOption(
      new Option('--acks <replicas>', 'who must have a record before it counts (default: all)').choices([
        ...['all', '1', '0'],
      ]),
    )
    .option('-X, --option <name=value>', 'an option of the producer, under our name or Kafka’s', collectPairs)
    .option('-v, --verbose', 'print where each record is: TOPIC-PARTITION and OFFSET')
    .option('-q, --quiet', 'print no summary')
  addTidemarkOptions(command)
    .addHelpText('after', help)
    .action((topic: string, options: ProduceOptions) =>
      withTidemark(session, options, { mustExist: false }, (tidemark) =>
        produce(session, tidemark, topic, options),
      ),
    )
}

const help = `
Sends the lines of stdin, a record each. With --json each line is a JSON object
  ${jsonLineHelp} "partition" says which one; what "tidemark consume --json"
prints is taken, to the topic that is named here.

A line that cannot be taken, or a record that is refused, ends the command with exit code 1; the lines before it are
in the topic.

Examples:
  echo hello | tidemark produce greetings
  tidemark produce orders -K : < orders.txt
  tidemark consume orders -e --json | tidemark produce copy --json -z zstd
  mosquitto_sub -v -t 'sensors/#' | tidemark produce sensors -K ' '
  tidemark produce orders --directory ./data < orders.txt
`

async function produce(
  session: Session,
  tidemark: Tidemark,
  topic: string,
  options: ProduceOptions,
): Promise<void> {
  const settings = producerSettings(options)
  await using producer = madeAsAsked(() => tidemark.producer(settings))
  if (!(await isThere(session, tidemark, producer, topic, options.partition))) return
  const sender = new RecordSender(producer, {
    ...{ topic, partition: options.partition, onFailure: endStdin },
    ...(options.verbose === true ? { onSent: (sent) => tell(session, sent) } : {}),
  })
  const maxRequestBytes = settings['maxRequestSize'] ?? settings['max.request.size'] ?? defaultMaxRequestBytes
  const splitter = new LineSplitter(Number(maxRequestBytes), 'raise it with -X max.request.size=N')
  const lines = new LineRecords(splitter, { ...options, isJson: options.json === true })
  const { clock } = session.env
  const startedMs = clock.monotonicMs()
  try {
    await pourStdin(session, lines, sender, 'sending')
  } finally {
    const durationMs = clock.monotonicMs() - startedMs
    if (options.quiet !== true) session.say(summary(topic, sender, lines.inputBytes, durationMs))
  }
}

function producerSettings({ option, compression, acks }: ProduceOptions): Settings {
  const given = {
    ...clientSettingsOf(option),
    ...(compression === undefined ? {} : { compression }),
    ...(acks === undefined ? {} : { acks: acks === 'all' ? acks : Number(acks) }),
  }
  return withDefault(given, ['batchSize', 'batch.size'], defaultBatchBytes)
}

/** Whether there is such a topic, or brokers have made it by now, and such a partition. What is not there is told before anything is read. */
async function isThere(
  session: Session,
  tidemark: Tidemark,
  producer: Producer,
  topic: string,
  partition: number | undefined,
): Promise<boolean> {
  const { signal } = session
  const refuse = async (): Promise<boolean> => {
    const all = await tidemark.admin().listTopics({ internal: true, signal })
    const partitions = partition === undefined ? undefined : [partition]
    return selectedPartitions(new Results(session, {}), all, [{ topic, partitions }]).length > 0
  }
  try {
    const known = await producer.partitionsFor(topic, { signal })
    return partition === undefined || partition < known.length || (await refuse())
  } catch (error) {
    if (error instanceof KafkaError && error.kafkaName === 'UNKNOWN_TOPIC_OR_PARTITION') return await refuse()
    throw error
  }
}

function tell(session: Session, { topic, partition, offset }: RecordMetadata): Promise<void> | undefined {
  session.output.line(`${topic}-${partition} ${offset}`)
  return session.output.isFull ? session.output.drained() : undefined
}

/** One partition with its offsets; of several only how many they are. */
function summary(
  topic: string,
  { count, ranges }: RecordSender,
  inputBytes: number,
  durationMs: number,
): string {
  if (count === 0) return 'sent nothing'
  const rates = `${formatRate(count, durationMs, 'records')}, ${formatByteRate(inputBytes, durationMs)}`
  const [first, ...others] = ranges
  const where =
    first === undefined || others.length > 0
      ? `${topic}, ${countOf(ranges.size, 'partition')}`
      : `${topic}-${first[0]}${describeOffsets(first[1])}`
  return `sent ${countOf(count, 'record')} to ${where}, in ${formatDuration(durationMs)} (${rates})`
}

function describeOffsets({ firstOffset, lastOffset }: { firstOffset: number; lastOffset: number }): string {
  if (firstOffset < 0) return ''
  return firstOffset === lastOffset ? `, offset ${firstOffset}` : `, offsets ${firstOffset} to ${lastOffset}`
}
