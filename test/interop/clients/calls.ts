/**
 * What a driver can be asked to do with its client. A driver is a small program per client; it takes one call per line on
 * stdin, `{"id":1,"call":"produce",...arguments}`, and answers with one line on stdout: `{"id":1,"result":...}`,
 * `{"id":1,"error":{"kafka":"TOPIC_ALREADY_EXISTS","text":"..."}}` with Kafka's name of the error where the client tells it,
 * or `{"id":1,"notOffered":"why"}` when the client has no such thing.
 */
export interface Calls {
  /** Which client this is. The first call. */
  hello: Call<{ bootstrap: string }, { version: string }>
  /** Sends records to one partition with a producer made for this, and waits until they are acknowledged. */
  produce: Call<ProduceArguments, unknown>
  /** Begins to read a partition outside of any group. Answers when it is settled at which offset. */
  open: Call<{ reader: string; topic: string; partition: number; from: Start }, unknown>
  /** The next `count` records of a reader, as soon as there are as many. */
  read: Call<{ reader: string; count: number }, ReadRecord[]>
  close: Call<{ reader: string }, unknown>
  /** Becomes a member of a group, from the earliest offset where none is committed. One membership per driver. */
  join: Call<{ group: string; topic: string; sessionTimeoutMs: number }, unknown>
  /** Which partitions the member has now. */
  assigned: Call<object, number[]>
  /** The next `count` records that the member was given. */
  take: Call<{ count: number }, ReadRecord[]>
  /** Commits behind what was taken. */
  commit: Call<object, unknown>
  leave: Call<object, unknown>
  createTopic: Call<{ topic: string; partitionCount: number; configs: Record<string, string> }, unknown>
  topics: Call<object, string[]>
  /** How many partitions a topic has. */
  partitionCount: Call<{ topic: string }, number>
  configs: Call<{ topic: string }, Record<string, string>>
  setConfig: Call<{ topic: string; name: string; value: string }, unknown>
  /** Has a topic have `partitionCount` partitions. */
  addPartitions: Call<{ topic: string; partitionCount: number }, unknown>
  deleteRecords: Call<{ topic: string; partition: number; beforeOffset: number }, unknown>
  offsets: Call<{ topic: string; partition: number }, { earliest: number; latest: number }>
  groups: Call<object, string[]>
  group: Call<{ group: string }, { state: string; memberCount: number }>
  /** What a group has committed for partition 0 of a topic. */
  committed: Call<{ group: string; topic: string }, number>
  deleteGroup: Call<{ group: string }, unknown>
  deleteTopic: Call<{ topic: string }, unknown>
  /** Runs one of Kafka's command-line tools by the name of its class. Only the driver in Java knows it. */
  tool: Call<{ name: string; args: readonly string[]; stdin: string }, ToolOutcome>
}

export interface ToolOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

interface Call<Arguments, Result> {
  readonly arguments: Arguments
  readonly result: Result
}

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof codecs)[number]

export interface ProduceArguments {
  readonly topic: string
  readonly partition: number
  readonly codec: Codec
  /** -1 is all. */
  readonly acks: 0 | 1 | -1
  readonly isIdempotent: boolean
  readonly records: readonly ProducedRecord[]
}

export interface ProducedRecord {
  readonly key: string | null
  readonly value: string | null
  /** In the order of their names. */
  readonly headers: Readonly<Record<string, string>>
}

export interface ReadRecord extends ProducedRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

/** Where a reader begins: at an end, at an offset, or at the first record that is not older than a time. */
export type Start = 'earliest' | 'latest' | { readonly offset: number } | { readonly timestamp: number }
