import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { decodeOffsetCheckpoints } from '../../../src/log/checkpoint-file.ts'
import { Broker } from '../kafka/broker.ts'
import { dumpLogSegments } from '../kafka/dump-log-segments.ts'
import { KafkaLoader } from '../kafka/kafka-loader.ts'
import type { LoadRequest } from '../recovery/load-answer.ts'
import type { Loaded } from './recording.ts'

/** Small indexes, because those of a killed broker are as large as they may become; a cleaner that does not wait. */
const settings = ['log.index.size.max.bytes=4096', 'log.cleaner.backoff.ms=200']

/** Topics where a reader of committed records sees less than another. */
const transactionalTopics = ['transactions', 'compacted']

const internalTopics = [
  '__cluster_metadata',
  '__consumer_offsets',
  '__share_group_state',
  '__transaction_state',
]

/**
 * Runs a real Kafka below `work` through a short life with every codec, transactions, compaction, a trimmed log and
 * several leader epochs, and keeps in `output` what it left on the disk after a clean stop and after `kill -9`, with
 * what Kafka itself says of it. See `recording.ts` for what comes out.
 */
export async function recordBroker(work: string, output: string): Promise<void> {
  await using first = await Broker.start(work, ...settings)
  await first.feed('create', 'feed=1', 'group', 'tier')
  await first.stop()
  await using restarted = await Broker.start(work, ...settings)
  await restarted.feed('feed=2')
  await restarted.kill()
  await using clean = await Broker.start(work, ...settings)
  await clean.feed('feed=3', 'trim=40', 'compact')
  await keepConsumed(
    clean,
    join(output, 'clean'),
    'codecs',
    'compacted',
    'stamped',
    'transactions',
    'trimmed',
  )
  await clean.stop()
  keepPartitions(clean, join(output, 'clean'))
  keepInternal(clean, join(output, 'internal'))
  await using killed = await Broker.start(work, ...settings)
  await killed.feed('open')
  await keepConsumed(killed, join(output, 'killed'), 'codecs', 'transactions')
  await killed.kill()
  keepPartitions(killed, join(output, 'killed'))
  await keepLoaded(join(output, 'clean'), work, true)
  await keepLoaded(join(output, 'killed'), work, false)
  await keepDumped(join(output, 'clean'), 'codecs', 'compacted', 'stamped')
}

/** What Kafka's consumer reads. */
async function keepConsumed(broker: Broker, output: string, ...topics: readonly string[]): Promise<void> {
  mkdirSync(output, { recursive: true })
  const committed = topics.filter((topic) => transactionalTopics.includes(topic))
  await broker.consumeAll(
    output,
    ...topics.map((topic) => `${topic}.read_uncommitted` as const),
    ...committed.map((topic) => `${topic}.read_committed` as const),
  )
}

/** The partitions of the topics that were consumed, and the files beside them. */
function keepPartitions({ dataDirectory }: Broker, output: string): void {
  for (const topic of topicsIn(output))
    cpSync(join(dataDirectory, `${topic}-0`), join(output, `${topic}-0`), { recursive: true })
  for (const name of readdirSync(dataDirectory))
    if (name.endsWith('-checkpoint') || name === '.kafka_cleanshutdown')
      copyFileSync(join(dataDirectory, name), join(output, name))
}

/** Of Kafka's own topics only the logs: records that its decoders know. */
function keepInternal({ dataDirectory }: Broker, output: string): void {
  mkdirSync(output, { recursive: true })
  for (const topic of [...internalTopics, 'remote-log-metadata'])
    copyFileSync(join(dataDirectory, `${topic}-0`, `${'0'.repeat(20)}.log`), join(output, `${topic}.log`))
}

/** What Kafka's loader says of each partition, as JSON. It changes what it loads, so it is given a copy. */
async function keepLoaded(output: string, work: string, clean: boolean): Promise<void> {
  await using loader = new KafkaLoader()
  const loaded: Loaded[] = []
  for (const topic of topicsIn(output)) {
    const known = { ...requestFor(output, topic, clean), timestamps: timestampsIn(output, topic) }
    const load = (request: Omit<LoadRequest, 'directory'>) => {
      const directory = join(mkdtempSync(join(work, 'copy-')), `${topic}-0`)
      cpSync(join(output, `${topic}-0`), directory, { recursive: true })
      return loader.load({ ...request, directory })
    }
    const answer = await load(known)
    const rebuilt = await load({ ...known, clean: false, recoveryPoint: 0 })
    loaded.push({ topic, known, answer, rebuilt })
  }
  writeFileSync(join(output, 'loaded.json'), `${JSON.stringify(loaded, undefined, 1)}\n`)
}

async function keepDumped(output: string, ...topics: readonly string[]): Promise<void> {
  for (const topic of topics) {
    const directory = join(output, `${topic}-0`)
    const names = readdirSync(directory).filter((name) => /^\d{20}\.[a-z]+$/.test(name))
    const paths = names.toSorted().map((name) => join(directory, name))
    const { files } = await dumpLogSegments(paths, '--deep-iteration', '--print-data-log')
    writeFileSync(join(output, `${topic}.dump.txt`), files.replaceAll(`${directory}/`, ''))
  }
}

function topicsIn(output: string): string[] {
  return readdirSync(output).flatMap((name) => /^(.*)\.read_uncommitted\.txt$/.exec(name)?.slice(1) ?? [])
}

function requestFor(
  output: string,
  topic: string,
  clean: boolean,
): Omit<LoadRequest, 'directory' | 'timestamps'> {
  const offsetIn = (name: string) => {
    const { value = [] } = decodeOffsetCheckpoints(readFileSync(join(output, name), 'utf8'))
    return value.find((entry) => entry.topic === topic)?.offset ?? 0
  }
  return {
    ...{ clean, recoveryPoint: offsetIn('recovery-point-offset-checkpoint') },
    ...{ startOffset: offsetIn('log-start-offset-checkpoint'), nowMs: Date.now() },
  }
}

/** Of every twentieth record, and one that no record reaches. */
function timestampsIn(output: string, topic: string): number[] {
  const lines = readFileSync(join(output, `${topic}.read_uncommitted.txt`), 'utf8').split('\n')
  const found = lines.flatMap((line) => /^(?:Create|LogAppend)Time:(\d+)\t/.exec(line)?.[1] ?? []).map(Number)
  return [...found.filter((_, index) => index % 20 === 0), 4_000_000_000_000]
}
