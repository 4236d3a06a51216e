import type { Timer } from '../../env/timers.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'

/** The partitions of topics that exist. */
export type PartitionCounts = ReadonlyMap<string, number>

/** What a generation was made from. */
export interface WatchedTopics {
  /** What this member wanted when it joined. */
  readonly subscription: readonly string[]
  /** What the group wanted, and what there was of it: known to the leader only. */
  readonly group?: { readonly topics: readonly string[]; readonly counts: PartitionCounts }
}

/** How many partitions each of `topics` has. Those that do not exist, or may not be seen, are missing. */
export async function partitionCounts(
  client: Pick<ClusterClient, 'metadata'>,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<PartitionCounts> {
  const counts = new Map<string, number>()
  if (topics.length === 0) return counts
  const metadata = await client.metadata(topics, { signal })
  for (const topic of topics) {
    const told = metadata.topics.get(topic)
    if (told?.errorCode === errorCodes.NONE) counts.set(topic, told.partitions.length)
  }
  return counts
}

/** What a {@link TopicWatch} works with. */
export interface TopicWatchParts {
  readonly client: ClusterClient
  /** What the member wants now. */
  readonly subscription: () => Promise<readonly string[]>
  /** Called at most once for each {@link TopicWatch.watch}. */
  readonly onChange: (reason: string) => void
  readonly signal: AbortSignal
}

/**
 * Looks now and then whether the topics are still those that a generation was made from: whether the member's pattern matches
 * others by now, and, for the leader, whether topics have come, gone or grown. Every `metadataMaxAgeMs`; every second or so
 * while a topic that is wanted does not exist.
 */
export class TopicWatch {
  readonly #parts: TopicWatchParts
  #watched: WatchedTopics | undefined
  #timer: Timer | undefined

  constructor(parts: TopicWatchParts) {
    this.#parts = parts
  }

  /** Begins to watch, in place of what was watched before. */
  watch(watched: WatchedTopics): void {
    this.stop()
    this.#watched = watched
    this.#schedule(watched)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#watched = undefined
  }

  #schedule(watched: WatchedTopics): void {
    const { limits, timers } = this.#parts.client
    const { retryBackoffMaxMs, metadataMaxAgeMs } = limits
    const isMissing = watched.group?.topics.some((topic) => watched.group?.counts.has(topic) === false)
    const delayMs = isMissing === true ? Math.min(retryBackoffMaxMs, metadataMaxAgeMs) : metadataMaxAgeMs
    this.#timer = timers.after(delayMs, () => void this.#look(watched))
  }

  async #look(watched: WatchedTopics): Promise<void> {
    const { signal, onChange } = this.#parts
    let change: string | undefined
    try {
      change = await this.#changeOf(watched)
    } catch {
      // It is looked again. What does not pass shows when the member joins.
    }
    if (this.#watched !== watched || signal.aborted) return
    if (change === undefined) this.#schedule(watched)
    else onChange(change)
  }

  async #changeOf({ subscription, group }: WatchedTopics): Promise<string | undefined> {
    const { client, signal } = this.#parts
    if (!isSameSet(subscription, await this.#parts.subscription())) return 'the subscription has changed'
    if (group === undefined) return undefined
    const counts = await partitionCounts(client, group.topics, signal)
    const changed = group.topics.find((topic) => counts.get(topic) !== group.counts.get(topic))
    if (changed === undefined) return undefined
    const count = (known: PartitionCounts): string => `${known.get(changed) ?? 'no'} partitions`
    return `topic '${changed}' has ${count(counts)} now, it had ${count(group.counts)}`
  }
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [these, those] = [new Set(a), new Set(b)]
  return these.size === those.size && [...these].every((each) => those.has(each))
}
