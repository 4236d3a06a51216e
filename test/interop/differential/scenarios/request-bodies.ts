import { zeroUuid } from '../../../../src/wire/uuid.ts'
import { subscription } from '../../../unit/broker/groups/group-harness.ts'
import type { Body, TopicName } from '../dialogue.ts'

/** The id of no topic. */
export const unknownId = 'abcdefghijklmnopqrstuA'

const sessionTimeoutMs = 30_000

/** A produce request of one batch. */
export function produceBody(
  topic: Partial<TopicName>,
  records: Buffer | null,
  { index = 0, acks = -1, ...more }: { index?: number; acks?: number; transactionalId?: string } = {},
): Body {
  const { name = '', topicId = zeroUuid } = topic
  const partitionData = [{ index, records }]
  return {
    ...{ transactionalId: null, acks, timeoutMs: 5000 },
    topicData: [{ name, topicId, partitionData }],
    ...more,
  }
}

/** What a fetch says beyond the topics; sessions only where they are meant. */
export interface FetchTraits {
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly isolationLevel?: number
  readonly sessionId?: unknown
  readonly sessionEpoch?: number
  readonly replicaId?: number
  readonly replicaState?: Body
  readonly forgottenTopicsData?: readonly Body[]
}

/** A fetch of these topics that does not wait. */
export function fetchBody(topics: readonly Body[], traits: FetchTraits = {}): Body {
  return { maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, forgottenTopicsData: [], topics, ...traits }
}

/** One topic of a fetch: one partition, or these. */
export function fetchOf({ name, topicId }: TopicName, ...partitions: readonly Body[]): Body {
  const asked = partitions.length === 0 ? [{}] : partitions
  const whole = asked.map((each) => ({ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000, ...each }))
  return { topic: name, topicId, partitions: whole }
}

/** A fetch of all that a partition has from an offset on. */
export function fetchAll(topic: TopicName, partition = 0, fetchOffset = 0): Body {
  return fetchBody([fetchOf(topic, { partition, fetchOffset })])
}

/** What a member joins with, but for what a scenario says otherwise. */
export function joinBody(groupId: string, traits: Body = {}): Body {
  const protocols = [{ name: 'range', metadata: subscription('topic') }]
  return {
    ...{
      groupId,
      memberId: '',
      sessionTimeoutMs,
      rebalanceTimeoutMs: sessionTimeoutMs,
      groupInstanceId: null,
    },
    ...{ protocolType: 'consumer', protocols, reason: 'to see', ...traits },
  }
}

/** What a leader syncs with that has all for itself. */
export function syncBody(groupId: string, memberId: unknown, generationId: number, traits: Body = {}): Body {
  const assignments = [{ memberId, assignment: Buffer.from('all of it') }]
  const protocol = { protocolType: 'consumer', protocolName: 'range' }
  return { groupId, memberId, generationId, groupInstanceId: null, ...protocol, assignments, ...traits }
}

/** A commit of one offset, or of none without a topic. */
export function commitBody(
  groupId: string,
  topic: Partial<TopicName> | undefined,
  traits: Body = {},
  partition: Body = {},
): Body {
  const committed = {
    partitionIndex: 0,
    committedOffset: 5,
    committedLeaderEpoch: 0,
    committedMetadata: 'here',
  }
  const topics = topic === undefined ? [] : [{ ...topic, partitions: [{ ...committed, ...partition }] }]
  return {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1,
    topics,
    ...traits,
  }
}
