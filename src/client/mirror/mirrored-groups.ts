import type { Clock } from '../../env/env.ts'
import { PartitionMap } from '../admin/partition-map.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { CommittedOffset, OffsetToCommit } from '../group/group-offsets.ts'
import type { ConsumerSettings } from '../consumer/consumer-options.ts'
import type { MirrorEnd } from './mirror-end.ts'
import { matches } from './mirrored-topics.ts'
import type { OffsetMap } from './offset-map.ts'
import { readRange } from './read-range.ts'

/** What {@link MirroredGroups} work with. */
export interface MirroredGroupsOptions {
  readonly source: MirrorEnd
  readonly target: MirrorEnd
  readonly clock: Clock
  readonly groups: readonly (string | RegExp)[]
  readonly isolationLevel: ConsumerSettings['isolationLevel']
  /** What was copied of a partition; undefined for one that is not mirrored. */
  readonly mapOf: (partition: TopicPartition) => OffsetMap | undefined
  readonly onWarning: (message: string) => void
}

/** Takes over the offsets that groups have committed, for those who will go on in the target. */
export class MirroredGroups {
  readonly #options: MirroredGroupsOptions
  /** The source's offsets whose place in the target is written, by group. */
  readonly #done = new Map<string, PartitionMap<number>>()
  /** Groups of which it was said that they could not be taken over. */
  readonly #refused = new Set<string>()

  constructor(options: MirroredGroupsOptions) {
    this.#options = options
  }

  /**
   * Writes the offsets of all groups that are wanted; resolves to how many partitions have moved. A group is never moved back, for it may
   * have gone on in the target, and one that has members there is left alone.
   */
  async sync(signal: AbortSignal | undefined): Promise<number> {
    const { source, groups } = this.#options
    const asking = signal === undefined ? {} : { signal }
    const listed = await source.admin().listGroups({ types: ['classic', 'consumer'], ...asking })
    let moved = 0
    for (const { groupId } of listed)
      if (groups.some((each) => (typeof each === 'string' ? each === groupId : matches(each, groupId))))
        moved += await this.#syncGroup(groupId, signal)
    return moved
  }

  async #syncGroup(groupId: string, signal: AbortSignal | undefined): Promise<number> {
    const { source, target } = this.#options
    const asking = signal === undefined ? {} : { signal }
    const done = this.#done.get(groupId) ?? new PartitionMap<number>()
    this.#done.set(groupId, done)
    const committed = await source.admin().listGroupOffsets(groupId, asking)
    const news = committed.filter((each) => each.offset >= 0 && done.get(each) !== each.offset)
    const translated: OffsetToCommit[] = []
    for (const each of news) translated.push(...(await this.#translate(each, signal)))
    if (translated.length === 0) return 0
    const present = await target.admin().listGroupOffsets(groupId, asking)
    const forward = onlyForward(translated, present)
    if (forward.length > 0 && !(await this.#write(groupId, forward, asking))) return 0
    for (const each of news) if (this.#isCopied(each)) done.set(each, each.offset)
    return forward.length
  }

  /** Whether all that the group has read of the partition is in the target: else its offset there will be another. */
  #isCopied({ offset, ...of }: CommittedOffset): boolean {
    return offset <= (this.#options.mapOf(of)?.sourceEnd ?? -1)
  }

  async #translate(
    { topic, partition, offset, metadata }: CommittedOffset,
    signal: AbortSignal | undefined,
  ): Promise<OffsetToCommit[]> {
    const map = this.#options.mapOf({ topic, partition })
    if (map === undefined) return []
    const { target, countFrom, targetMax } = map.translate(offset)
    let found = target
    if (countFrom !== undefined) {
      const { source, clock, isolationLevel } = this.#options
      const range = { topic, partition, start: countFrom, end: offset }
      for await (const _ of readRange(source, range, { clock, isolationLevel, signal })) found++
    }
    return [{ topic, partition, offset: Math.min(found, targetMax), metadata: metadata ?? '' }]
  }

  async #write(
    groupId: string,
    offsets: readonly OffsetToCommit[],
    asking: { readonly signal?: AbortSignal },
  ): Promise<boolean> {
    const { target, onWarning } = this.#options
    const results = await target
      .admin()
      .alterGroupOffsets(groupId, offsets, { throwOnError: false, ...asking })
    const error = results.find((each) => each.error !== undefined)?.error
    if (error === undefined) return true
    if (!this.#refused.has(groupId))
      onWarning(`group '${groupId}' is left as it is in the target: ${error.message}`)
    this.#refused.add(groupId)
    return false
  }
}

/** Those of `wanted` that are beyond what is there. */
function onlyForward(
  wanted: readonly OffsetToCommit[],
  present: readonly CommittedOffset[],
): OffsetToCommit[] {
  const there = new PartitionMap<number>()
  for (const each of present) there.set(each, each.offset)
  return wanted.filter((each) => each.offset > (there.get(each) ?? -1))
}
