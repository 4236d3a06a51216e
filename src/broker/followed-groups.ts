import { TidemarkError } from '../base/errors.ts'
import type { TopicView } from '../cluster/cluster-view.ts'
import type { GroupCoordinator } from './groups/group-coordinator.ts'
import { offsetsTopic } from './offsets-topic.ts'
import type { Partition } from './partition.ts'

/** The topics that there are, by name. */
type KnownTopics = ReadonlyMap<string, TopicView>

/**
 * Groups are coordinated by whoever leads their partition of `__consumer_offsets`. What cannot be loaded is told of.
 * `topics` is undefined as long as not all of them are known.
 */
export async function followGroups(
  groups: GroupCoordinator,
  partition: Partition,
  topics: KnownTopics | undefined,
  warn: (message: string, error: unknown) => void,
): Promise<void> {
  if (partition.topic !== offsetsTopic) return
  if (!partition.isLeader) {
    groups.unload(partition.index)
    return
  }
  try {
    await groups.load(partition.index)
    if (topics !== undefined) void forgetMissingTopics(groups, topics, partition.index)
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    warn(`the groups in ${partition.name} could not be loaded`, error)
  }
}

/** Offsets go with their topics, and all groups with the topic that they are kept in. Resolves when they are gone. */
export async function forgetTopics(groups: GroupCoordinator, topics: readonly TopicView[]): Promise<void> {
  const names = new Set(topics.map(({ name }) => name))
  if (names.has(offsetsTopic)) groups.close()
  else if (names.size > 0) await groups.onTopicsDeleted((topic) => names.has(topic))
}

/**
 * Offsets of topics that were deleted while nobody looked after their groups go now: the broker that deleted a topic may
 * have crashed before it could. Without a partition of `__consumer_offsets`, in all that are loaded. Resolves as
 * {@link GroupCoordinator.onTopicsDeleted}.
 */
export async function forgetMissingTopics(
  groups: GroupCoordinator,
  topics: KnownTopics,
  partition?: number,
): Promise<void> {
  await groups.onTopicsDeleted((topic) => !topics.has(topic), partition)
}
