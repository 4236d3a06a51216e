import type { Random } from '../../env/env.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../wire/messages/08-offset-commit.ts'
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../wire/messages/09-offset-fetch.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../wire/messages/12-heartbeat.ts'
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../wire/messages/13-leave-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../wire/messages/14-sync-group.ts'
import type { DescribeGroupsRequest, DescribeGroupsResponse } from '../../wire/messages/15-describe-groups.ts'
import type { ListGroupsRequest, ListGroupsResponse } from '../../wire/messages/16-list-groups.ts'
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../wire/messages/28-txn-offset-commit.ts'
import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../../wire/messages/42-delete-groups.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../wire/messages/47-offset-delete.ts'
import type { Timer } from '../../env/timers.ts'
import {
  answerCommit,
  answerTransactionalCommit,
  commitOffsets,
  commitTransactionalOffsets,
} from './commit-offsets.ts'
import { deleteGroup, deleteOffsets, expireGroup, forgetTopics, refuseOffsetDelete } from './delete-groups.ts'
import { describeGroup, describeMissing, describeRefusal, listGroups } from './describe-groups.ts'
import { joinRefusal, syncRefusal } from './effects.ts'
import { answerFetch, askedGroups, fetchOffsets, refuseFetch } from './fetch-offsets.ts'
import { groupPartition } from './group-partition.ts'
import { GroupShard, type GroupSurroundings } from './group-shard.ts'
import { answerLeave, leavingMembers, refuseLeave } from './leave-group.ts'
import { memberIdOf } from './member-id.ts'

/** What a request brings along besides its content. */
export interface GroupRequestContext {
  readonly apiVersion: number
  readonly clientId: string
  /** Where the client is, as Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string
}

const { NONE } = errorCodes
const minuteMs = 60 * 1000
/** From this version of JoinGroup on, the protocol's name may be null. */
const nullableProtocolNameVersion = 7
/** From this version on a SyncGroup names the protocol. */
const protocolSinceVersion = 5

/**
 * Kafka's group coordinator for the groups whose partitions of `__consumer_offsets` this broker leads. Every method
 * answers a decoded request with a response that can be encoded in `context.apiVersion`; errors are in the response, and a
 * rejection is a bug. Authorization, topic ids and topics that do not exist are the callers' affair.
 */
export class GroupCoordinator {
  readonly #surroundings: GroupSurroundings
  readonly #random: Random
  readonly #shards = new Map<number, { readonly shard: GroupShard; isLoading: boolean }>()
  #expiryTimer: Timer | undefined

  constructor({ random, ...surroundings }: GroupSurroundings & { readonly random: Random }) {
    this.#surroundings = surroundings
    this.#random = random
  }

  /** The partition of `__consumer_offsets` that a group belongs to. */
  partitionFor(groupId: string): number {
    return groupPartition(groupId, this.#surroundings.log.partitionCount())
  }

  // Leadership.

  /**
   * This broker leads `partition` from now on: reads its groups back, and resolves when they can be asked for. Until then
   * they answer COORDINATOR_LOAD_IN_PROGRESS. Nothing happens for a partition that is loaded, or being loaded.
   *
   * @throws WireError if a record is malformed, and whatever the log throws; the partition is then not loaded
   */
  async load(partition: number): Promise<void> {
    if (this.#shards.has(partition)) return
    const place = { shard: new GroupShard(partition, this.#surroundings), isLoading: true }
    this.#shards.set(partition, place)
    try {
      await place.shard.load()
      place.isLoading = false
    } catch (error) {
      if (this.#shards.get(partition) === place) this.unload(partition)
      throw error
    }
    this.#scheduleExpiry()
  }

  /** This broker no longer leads `partition`. Whoever waits for a group in it is answered NOT_COORDINATOR. */
  unload(partition: number): void {
    this.#shards.get(partition)?.shard.close()
    this.#shards.delete(partition)
    if (this.#shards.size === 0) this.#stopExpiry()
  }

  /** Gives up all partitions. */
  close(): void {
    for (const partition of [...this.#shards.keys()]) this.unload(partition)
  }

  /** The marker that ends a producer's transaction is in `partition` of the log. */
  onTransactionMarker(partition: number, producerId: number, isCommitted: boolean): void {
    this.#shards.get(partition)?.shard.groups.endTransaction(producerId, isCommitted)
  }

  /**
   * Topics are gone: their offsets go too, in every group, or in those of one partition. Resolves when that is stored,
   * or could not be.
   */
  async onTopicsDeleted(isDeleted: (topic: string) => boolean, partition?: number): Promise<void> {
    await Promise.all(
      this.#loadedShards()
        .filter((shard) => partition === undefined || shard.partition === partition)
        .flatMap((shard) => shard.groups.all().map((entry) => forgetTopics(shard, entry, isDeleted))),
    )
  }

  /** Deletes the offsets whose time is over, and the groups of which nothing is left. Also happens by itself, every now and then. */
  async expireOffsets(): Promise<void> {
    const { clock, config } = this.#surroundings
    const retentionMs = config.offsetsRetentionMinutes * minuteMs
    for (const shard of this.#loadedShards())
      for (const entry of shard.groups.all()) await expireGroup(shard, entry, clock.nowMs(), retentionMs)
  }

  // Membership.

  /** Resolves when the generation that the member becomes part of has begun. */
  async joinGroup(context: GroupRequestContext, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const response = await this.#joinIfAllowed(context, request)
    const isNameNeeded = response.protocolName === null && context.apiVersion < nullableProtocolNameVersion
    return isNameNeeded ? { ...response, protocolName: '' } : response
  }

  async #joinIfAllowed(context: GroupRequestContext, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const { groupId, memberId } = request
    if (groupId === '') return joinRefusal(errorCodes.INVALID_GROUP_ID, memberId)
    if (!this.#isSessionTimeoutAllowed(request.sessionTimeoutMs))
      return joinRefusal(errorCodes.INVALID_SESSION_TIMEOUT, memberId)
    const shard = this.#shardOf(groupId)
    if (typeof shard === 'number') return joinRefusal(shard, memberId)
    // Only somebody new can found a group: an id that another coordinator gave means nothing here.
    if (memberId !== '' && shard.groups.get(groupId) === undefined)
      return joinRefusal(errorCodes.UNKNOWN_MEMBER_ID, memberId)
    return await this.#join(shard, context, request)
  }

  /** Resolves when the leader's assignments are stored. */
  async syncGroup(
    { apiVersion }: GroupRequestContext,
    request: SyncGroupRequest,
  ): Promise<SyncGroupResponse> {
    const { protocolType, protocolName } = request
    // Who can say what it supposes has to (KIP-559).
    if (apiVersion >= protocolSinceVersion && (protocolType === null || protocolName === null))
      return syncRefusal(errorCodes.INCONSISTENT_GROUP_PROTOCOL)
    const shard = this.#namedShardOf(request.groupId)
    if (typeof shard === 'number') return syncRefusal(shard)
    const entry = shard.groups.get(request.groupId)
    if (entry === undefined) return syncRefusal(errorCodes.UNKNOWN_MEMBER_ID)
    return await shard.sync((requestId) => shard.carryOut(entry, entry.group.sync(requestId, request)))
  }

  /** Prolongs a member's session; REBALANCE_IN_PROGRESS calls it to join again. */
  async heartbeat(_context: GroupRequestContext, request: HeartbeatRequest): Promise<HeartbeatResponse> {
    return { throttleTimeMs: 0, errorCode: this.#heartbeat(request) }
  }

  /** Resolves when the group that may have become empty by it is stored. */
  async leaveGroup(context: GroupRequestContext, request: LeaveGroupRequest): Promise<LeaveGroupResponse> {
    const { apiVersion } = context
    const leaving = leavingMembers(request, apiVersion)
    const shard = this.#namedShardOf(request.groupId)
    if (typeof shard === 'number') return refuseLeave(shard)
    const entry = shard.groups.get(request.groupId)
    if (entry === undefined) {
      const errorCode = errorCodes.UNKNOWN_MEMBER_ID
      return answerLeave(
        leaving.map((member) => ({ ...member, errorCode })),
        apiVersion,
      )
    }
    if (entry.group.state === 'Dead') return refuseLeave(errorCodes.COORDINATOR_NOT_AVAILABLE)
    const { members, effects } = entry.group.leave(leaving)
    const errorCode = await shard.settle(entry, effects)
    shard.groups.dropIfBlank(request.groupId)
    return errorCode === NONE ? answerLeave(members, apiVersion) : refuseLeave(errorCode)
  }

  // Offsets.

  /** `topics` are to have their names, also in the versions that send ids. Ids are stored, and repeated in the response. */
  async offsetCommit(
    context: GroupRequestContext,
    request: OffsetCommitRequest,
  ): Promise<OffsetCommitResponse> {
    const shard = this.#shardOf(request.groupId)
    if (typeof shard === 'number') return answerCommit(request, () => shard)
    return await commitOffsets(shard, request, this.#commitLimits(context))
  }

  /** The offsets hold once {@link onTransactionMarker} says so. That the producer may do this is for the caller to have checked. */
  async txnOffsetCommit(
    context: GroupRequestContext,
    request: TxnOffsetCommitRequest,
  ): Promise<TxnOffsetCommitResponse> {
    const shard = this.#namedShardOf(request.groupId)
    if (typeof shard === 'number') return answerTransactionalCommit(request, () => shard)
    return await commitTransactionalOffsets(shard, request, this.#commitLimits(context))
  }

  /** Topics are to have their names, also in the versions that send ids; when all are asked for, only names are told. */
  async offsetFetch(context: GroupRequestContext, request: OffsetFetchRequest): Promise<OffsetFetchResponse> {
    const { apiVersion } = context
    const groups = await Promise.all(
      askedGroups(request, apiVersion).map(async (asked) => {
        const shard = this.#shardOf(asked.groupId)
        if (typeof shard === 'number') return refuseFetch(asked, shard, apiVersion)
        return await fetchOffsets(shard, asked, request.requireStable)
      }),
    )
    return answerFetch(groups, apiVersion)
  }

  /** Deletes offsets, except those of topics that members of the group consume. */
  async offsetDelete(
    _context: GroupRequestContext,
    request: OffsetDeleteRequest,
  ): Promise<OffsetDeleteResponse> {
    const shard = this.#namedShardOf(request.groupId)
    return typeof shard === 'number' ? refuseOffsetDelete(shard) : await deleteOffsets(shard, request)
  }

  // Administration.

  /** The groups by name, with their members. Operations that the asker is allowed are for the caller to fill in. */
  async describeGroups(
    { apiVersion }: GroupRequestContext,
    request: DescribeGroupsRequest,
  ): Promise<DescribeGroupsResponse> {
    const groups = request.groups.map((groupId) => {
      const shard = this.#shardOf(groupId)
      if (typeof shard === 'number') return describeRefusal(groupId, shard)
      const entry = shard.groups.get(groupId)
      return entry === undefined ? describeMissing(groupId, apiVersion) : describeGroup(entry.group)
    })
    return { throttleTimeMs: 0, groups }
  }

  /** The groups of the partitions that this broker leads; an error as long as not all of them are known. */
  async listGroups(_context: GroupRequestContext, request: ListGroupsRequest): Promise<ListGroupsResponse> {
    for (const { isLoading } of this.#shards.values())
      if (isLoading)
        return { throttleTimeMs: 0, errorCode: errorCodes.COORDINATOR_LOAD_IN_PROGRESS, groups: [] }
    const groups = this.#loadedShards().flatMap((shard) => shard.groups.all().map(({ group }) => group))
    return { throttleTimeMs: 0, errorCode: NONE, groups: listGroups(groups, request) }
  }

  /** Deletes groups without members, and their offsets; each answers for itself. */
  async deleteGroups(
    _context: GroupRequestContext,
    request: DeleteGroupsRequest,
  ): Promise<DeleteGroupsResponse> {
    const results = await Promise.all(
      [...new Set(request.groupsNames)].map(async (groupId) => {
        const shard = this.#shardOf(groupId)
        return { groupId, errorCode: typeof shard === 'number' ? shard : await deleteGroup(shard, groupId) }
      }),
    )
    return { throttleTimeMs: 0, results }
  }

  /** The shard of a group, or the error that says why there is none. */
  #shardOf(groupId: string): GroupShard | number {
    const place = this.#shards.get(this.partitionFor(groupId))
    if (place === undefined) return errorCodes.NOT_COORDINATOR
    return place.isLoading ? errorCodes.COORDINATOR_LOAD_IN_PROGRESS : place.shard
  }

  /** The same where a group must have a name. Offsets without one are kept as Kafka keeps them, for old clients. */
  #namedShardOf(groupId: string): GroupShard | number {
    return groupId === '' ? errorCodes.INVALID_GROUP_ID : this.#shardOf(groupId)
  }

  #loadedShards(): GroupShard[] {
    return [...this.#shards.values()].filter(({ isLoading }) => !isLoading).map(({ shard }) => shard)
  }

  #isSessionTimeoutAllowed(timeoutMs: number): boolean {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#surroundings.config
    return timeoutMs >= minSessionTimeoutMs && timeoutMs <= maxSessionTimeoutMs
  }

  #join(
    shard: GroupShard,
    context: GroupRequestContext,
    request: JoinGroupRequest,
  ): Promise<JoinGroupResponse> {
    const { groupId, groupInstanceId, memberId } = request
    const { apiVersion, clientId, clientHost } = context
    const entry = shard.groups.getOrCreate(groupId)
    const newMemberId = memberId || memberIdOf(clientId, groupInstanceId, this.#random.bytes(16))
    return shard.join((requestId) => {
      const joining = { requestId, apiVersion, clientId, clientHost, newMemberId }
      shard.carryOut(entry, entry.group.join(joining, request))
      shard.groups.dropIfBlank(groupId)
    })
  }

  #heartbeat(request: HeartbeatRequest): number {
    const shard = this.#namedShardOf(request.groupId)
    // A member must not give up its session because its coordinator is only just coming back.
    if (shard === errorCodes.COORDINATOR_LOAD_IN_PROGRESS) return NONE
    if (typeof shard === 'number') return shard
    const entry = shard.groups.get(request.groupId)
    if (entry === undefined) return errorCodes.UNKNOWN_MEMBER_ID
    const { errorCode, effects } = entry.group.heartbeat(request)
    shard.carryOut(entry, effects)
    return errorCode
  }

  #commitLimits({ apiVersion }: GroupRequestContext) {
    const { clock, config } = this.#surroundings
    return { apiVersion, nowMs: clock.nowMs(), offsetMetadataMaxBytes: config.offsetMetadataMaxBytes }
  }

  #scheduleExpiry(): void {
    if (this.#expiryTimer !== undefined || this.#shards.size === 0) return
    const { timers, config } = this.#surroundings
    this.#expiryTimer = timers.after(config.offsetsRetentionCheckIntervalMs, () => {
      this.#expiryTimer = undefined
      void this.expireOffsets().finally(() => this.#scheduleExpiry())
    })
  }

  #stopExpiry(): void {
    this.#expiryTimer?.cancel()
    this.#expiryTimer = undefined
  }
}
