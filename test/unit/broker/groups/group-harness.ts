import {
  GroupCoordinator,
  type GroupRequestContext,
} from '../../../../src/broker/groups/group-coordinator.ts'
import { resolveGroupConfig } from '../../../../src/broker/groups/group-config.ts'
import { Timers } from '../../../../src/env/timers.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import type { OffsetCommitRequest } from '../../../../src/wire/messages/08-offset-commit.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../../../src/wire/messages/11-join-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../../../src/wire/messages/14-sync-group.ts'
import { consumerProtocolSubscription } from '../../../../src/wire/records/consumer-protocol.ts'
import { encodeVersioned } from '../../../../src/wire/versioned.ts'
import { zeroUuid } from '../../../../src/wire/uuid.ts'
import { MemoryCoordinatorLog } from './memory-coordinator-log.ts'

/** What consumers send when they join, as far as the coordinator reads it. */
export function subscription(...topics: string[]): Buffer {
  return encodeVersioned(consumerProtocolSubscription, 0, { topics, userData: null })
}

/** What a test says of a join; the rest is as of an ordinary consumer. */
export type JoinTraits = Partial<JoinGroupRequest> & { readonly apiVersion?: number }

/** A coordinator over memory and a clock that is moved by hand, with the shorthands that tests of groups use. */
export class GroupHarness {
  readonly clock = new ManualClock()
  readonly timers = new Timers(this.clock)
  readonly log: MemoryCoordinatorLog
  readonly #given: Readonly<Record<string, unknown>>
  #randomCount = 0
  coordinator: GroupCoordinator

  constructor(config: Readonly<Record<string, unknown>> = {}, partitionCount = 1) {
    this.log = new MemoryCoordinatorLog(partitionCount, () => this.clock.nowMs())
    this.#given = { 'group.initial.rebalance.delay.ms': 0, ...config }
    this.coordinator = this.#newCoordinator()
  }

  /** With all partitions loaded. */
  static async started(
    config: Readonly<Record<string, unknown>> = {},
    partitionCount = 1,
  ): Promise<GroupHarness> {
    const harness = new GroupHarness(config, partitionCount)
    await harness.loadAll()
    return harness
  }

  /** Ends the coordinator without a word to anyone, as a crash does, and starts another over the same log. */
  async restart(config: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.coordinator.close()
    this.coordinator = this.#newCoordinator(config)
    await this.loadAll()
  }

  async loadAll(): Promise<void> {
    for (const partition of this.log.partitions.keys()) await this.coordinator.load(partition)
  }

  context(apiVersion: number): GroupRequestContext {
    return { apiVersion, clientId: 'client', clientHost: '/127.0.0.1' }
  }

  join({ apiVersion = 9, ...request }: JoinTraits = {}): Promise<JoinGroupResponse> {
    return this.coordinator.joinGroup(this.context(apiVersion), {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('t') }],
      reason: null,
      ...request,
    })
  }

  /** Joins in both steps of KIP-394: what a client does that has no id yet. */
  async joinAnew(request: JoinTraits = {}): Promise<JoinGroupResponse> {
    const { memberId } = await this.join(request)
    return await this.join({ ...request, memberId })
  }

  sync(request: Partial<SyncGroupRequest>): Promise<SyncGroupResponse> {
    // The last version that need not say which protocol it supposes.
    return this.coordinator.syncGroup(this.context(4), {
      groupId: 'g',
      generationId: 1,
      memberId: '',
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: [],
      ...request,
    })
  }

  async heartbeat(
    memberId: string,
    generationId: number,
    groupInstanceId: string | null = null,
  ): Promise<number> {
    const request = { groupId: 'g', memberId, generationId, groupInstanceId }
    return (await this.coordinator.heartbeat(this.context(4), request)).errorCode
  }

  async leave(memberId: string, groupInstanceId: string | null = null): Promise<number> {
    const request = {
      groupId: 'g',
      memberId: '',
      members: [{ memberId, groupInstanceId, reason: null }],
    }
    const response = await this.coordinator.leaveGroup(this.context(5), request)
    return response.errorCode || (response.members[0]?.errorCode ?? 0)
  }

  /** The request of one offset of partition 0 of topic `t`. */
  commitRequest(offset: number, request: Partial<OffsetCommitRequest> = {}): OffsetCommitRequest {
    return {
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: [
        {
          name: 't',
          topicId: zeroUuid,
          partitions: [
            { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' },
          ],
        },
      ],
      ...request,
    }
  }

  async commit(offset: number, request: Partial<OffsetCommitRequest> = {}, apiVersion = 9): Promise<number> {
    const response = await this.coordinator.offsetCommit(
      this.context(apiVersion),
      this.commitRequest(offset, request),
    )
    return response.topics[0]?.partitions[0]?.errorCode ?? -99
  }

  /** The offset of partition 0 of `topic`, or a negative error code. */
  async fetch(topic = 't', requireStable = false): Promise<number> {
    const response = await this.coordinator.offsetFetch(this.context(9), {
      groupId: '',
      topics: null,
      groups: [
        {
          groupId: 'g',
          memberId: null,
          memberEpoch: -1,
          topics: [{ name: topic, topicId: zeroUuid, partitionIndexes: [0] }],
        },
      ],
      requireStable,
    })
    const partition = response.groups[0]?.topics[0]?.partitions[0]
    const errorCode = response.groups[0]?.errorCode || (partition?.errorCode ?? 99)
    return errorCode === 0 ? (partition?.committedOffset ?? -99) : -errorCode
  }

  async state(groupId = 'g'): Promise<string> {
    const request = { groups: [groupId], includeAuthorizedOperations: false }
    const response = await this.coordinator.describeGroups(this.context(5), request)
    return response.groups[0]?.groupState ?? ''
  }

  /** A stable group of as many members as there are names, with their names for assignments. The first leads. */
  async stable(names: readonly string[], traits: JoinTraits = {}): Promise<StableMember[]> {
    const ids = await Promise.all(names.map(async () => (await this.join(traits)).memberId))
    const joins = ids.map((memberId) => this.join({ ...traits, memberId }))
    await this.clock.runFor(1)
    const joined = await Promise.all(joins)
    const generationId = joined[0]?.generationId ?? -1
    const assignments = ids.map((memberId, index) => ({
      memberId,
      assignment: Buffer.from(names[index] ?? ''),
    }))
    await Promise.all(
      joined.map(({ memberId, leader }) =>
        this.sync({ memberId, generationId, assignments: memberId === leader ? assignments : [] }),
      ),
    )
    return ids.map((memberId) => ({ memberId, generationId }))
  }

  #newCoordinator(config: Readonly<Record<string, unknown>> = {}): GroupCoordinator {
    return new GroupCoordinator({
      clock: this.clock,
      timers: this.timers,
      log: this.log,
      config: resolveGroupConfig({ ...this.#given, ...config }),
      random: { bytes: (length) => Buffer.alloc(length, ++this.#randomCount) },
    })
  }
}

export interface StableMember {
  readonly memberId: string
  readonly generationId: number
}
