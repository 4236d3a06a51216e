import { type Difference, nothing } from './difference.ts'

/** A way in which our answers differ from Kafka's, on purpose. */
export interface KnownDifference {
  /** The APIs that it is about, by their names. Default: any. */
  readonly apis?: readonly string[]
  /** The steps that show it. Default: any. */
  readonly step?: RegExp
  /** Where it is in the answers. Default: anywhere. */
  readonly path?: RegExp
  /** What Kafka says there. Default: anything. */
  readonly kafka?: readonly unknown[]
  /** What we say there. Default: anything. */
  readonly ours?: readonly unknown[]
  readonly reason: string
}

const produced = ['Produce', 'Fetch']
const describing = ['CreateTopics', 'DescribeConfigs']

/** All of them: a difference that is not in here is a fault of ours, and a row that nothing shows is out of date. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    path: /rrorMessage$/,
    kafka: [null, ''],
    ours: ['some errorMessage'],
    reason: 'Kafka says nothing beyond the code; we say what is wrong, and what to do.',
  },
  {
    apis: produced,
    step: /^(fetch )?bytes behind it,/,
    reason:
      'Kafka drops what is behind the batch and acknowledges: a second batch that was cut short would be lost.',
  },
  {
    apis: produced,
    step: /^(fetch )?first record of offset/,
    reason: 'Kafka stores the batch, and its consumers then meet offsets twice or miss them.',
  },
  {
    apis: produced,
    step: /^(fetch )?append time of its own,/,
    reason: 'Only brokers set the time of the append: Kafka takes the batch, and drops the bit.',
  },
  {
    apis: produced,
    step: /^(fetch )?negative base timestamp,/,
    reason: 'Times before 1970 are not stored: Kafka takes them, but finds them by no timestamp.',
  },
  {
    apis: ['Produce'],
    step: /^(no records|negative last offset),/,
    path: /errorCode|logStartOffset/,
    reason: 'A header that contradicts itself is damage to us, whichever of its fields is wrong.',
  },
  {
    apis: ['Produce'],
    step: /^(unknown codec|codec that it is not|damaged gzip|snappy that is lz4),/,
    path: /errorCode/,
    kafka: ['UNKNOWN_SERVER_ERROR'],
    ours: ['INVALID_RECORD'],
    reason: 'Kafka fails at what it cannot expand; it is the batch that is wrong.',
  },
  {
    apis: ['Produce'],
    step: /^(transaction|transactional without a producer)/,
    path: /errorCode/,
    ours: ['INVALID_TXN_STATE'],
    reason: 'Transactions are not served yet.',
  },
  {
    apis: ['Fetch'],
    step: /^fetch attribute bit (7|15), append time$/,
    path: /attributes$/,
    reason: 'Bits that mean nothing stay as the producer set them, whoever sets the time.',
  },
  {
    apis: ['Produce'],
    step: /^larger than a segment$/,
    path: /errorCode$/,
    kafka: ['RECORD_LIST_TOO_LARGE'],
    ours: ['MESSAGE_TOO_LARGE'],
    reason: 'The message says which limit it was; clients split the batch on either.',
  },
  {
    apis: ['Produce'],
    step: /again|batches ago|^produce /,
    path: /logAppendTimeMs$/,
    ours: [-1],
    reason:
      'For a repeated batch Kafka tells its timestamp as that of the append, although the topic has none.',
  },
  {
    apis: ['Produce'],
    step: /^sequence without an epoch$/,
    reason: 'Kafka remembers a producer of epoch -1, which means that there is no producer.',
  },
  {
    apis: ['Fetch'],
    step: /^isolation that there is not$/,
    reason: 'Kafka fails; we read as for anybody who did not ask for committed records alone.',
  },
  {
    apis: ['Fetch'],
    step: /^at most -1 /,
    reason: 'Kafka fails; we take a limit below one batch to be none: the first batch goes out whole.',
  },
  {
    apis: ['Fetch'],
    path: /(highWatermark|lastStableOffset|logStartOffset)$/,
    kafka: [-1],
    reason: 'Where the log begins and ends is told beside an error, too, for the consumer to say so.',
  },
  {
    apis: ['Fetch'],
    path: /abortedTransactions$/,
    kafka: [[]],
    ours: [null],
    reason: 'Beside an error there are none, and who did not ask for committed records gets none.',
  },
  {
    apis: ['Fetch'],
    step: /^at most 420 in all$/,
    path: /records\[0\]$/,
    kafka: [nothing],
    reason: 'Kafka fills the room with the half of a batch, which clients throw away; we send whole batches.',
  },
  {
    apis: ['Fetch'],
    step: /^the same twice$/,
    reason: 'Outside a session each of the two is answered; Kafka forgets the first.',
  },
  {
    apis: ['ListOffsets'],
    step: /^leader epoch -2$/,
    reason: 'No epoch is negative: whoever names one knows none. In Fetch Kafka says so, too.',
  },
  {
    apis: ['ListOffsets'],
    step: /^special -3/,
    path: /(timestamp|offset|leaderEpoch)$/,
    reason:
      'Where the record of the largest timestamp was deleted, Kafka may still name it; we look at those that are there.',
  },
  {
    apis: ['Metadata'],
    step: /^neither$/,
    reason: 'Kafka fails at a topic without a name and an id, and with it all others that were asked for.',
  },
  {
    apis: ['Metadata'],
    step: /^not there yet$/,
    reason: 'A topic is made before it is answered: older clients give up on what Kafka says first.',
  },
  {
    apis: ['CreateTopics'],
    step: /only tried$|^named /,
    path: /topicId$/,
    ours: ['none'],
    reason: 'Kafka names the id that the topic would have had. It will have another one.',
  },
  {
    apis: describing,
    path: /configs\.min\.insync\.replicas\.(configSource|synonyms)/,
    reason:
      'Kafka 4 sets this for the cluster as it is formatted, for the sake of KIP-966; here it is a default.',
  },
  {
    apis: describing,
    path: /tidemark\./,
    kafka: [nothing],
    reason: 'Ours alone.',
  },
  {
    apis: ['CreateTopics', 'DescribeConfigs'],
    path: /retention\.ms\.value$/,
    kafka: [' 1000 '],
    ours: ['1000'],
    reason: 'What is stored is the value that was understood.',
  },
  {
    apis: ['DescribeConfigs'],
    path: /configs\.node\.id\.synonyms/,
    kafka: [nothing],
    reason: 'node.id has a default here, for a first broker starts without a file.',
  },
  {
    apis: ['IncrementalAlterConfigs'],
    step: /^listeners=.* of broker 1$/,
    reason: 'Kafka misses the listener of its controller, which we have none of.',
  },
  {
    apis: ['ListConfigResources'],
    step: /^resources (8|4,8)$/,
    ours: [nothing],
    reason: 'There are no loggers whose levels could be set.',
  },
  {
    apis: ['FindCoordinator'],
    path: /^errorMessage$/,
    ours: [''],
    reason: 'Kafka says "NONE" in the versions that ask for one group.',
  },
  {
    apis: ['DescribeLogDirs'],
    path: /totalBytes$/,
    ours: [-1],
    reason: 'What a disk holds in all is not looked up; -1 is the word for that. What is free is told.',
  },
]

/** The first row that tells of a difference. */
export function knownAs(difference: Difference): KnownDifference | undefined {
  return knownDifferences.find((known) => isOf(known, difference))
}

function isOf(known: KnownDifference, { api, step, path, kafka, ours }: Difference): boolean {
  return (
    (known.apis?.includes(api) ?? true) &&
    (known.step?.test(step) ?? true) &&
    (known.path?.test(path) ?? true) &&
    isAmong(known.kafka, kafka) &&
    isAmong(known.ours, ours)
  )
}

function isAmong(values: readonly unknown[] | undefined, value: unknown): boolean {
  return values === undefined || values.some((each) => JSON.stringify(each) === JSON.stringify(value))
}
