import {
  joinGroupRequest,
  joinGroupResponse,
  type JoinGroupResponse,
} from '../../wire/messages/11-join-group.ts'
import { heartbeatRequest, heartbeatResponse } from '../../wire/messages/12-heartbeat.ts'
import { leaveGroupRequest, leaveGroupResponse } from '../../wire/messages/13-leave-group.ts'
import {
  syncGroupRequest,
  syncGroupResponse,
  type SyncGroupResponse,
} from '../../wire/messages/14-sync-group.ts'
import { describeGroupsRequest, describeGroupsResponse } from '../../wire/messages/15-describe-groups.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { rpc, type Rpc } from '../network/rpc.ts'
import type { CallInput } from '../network/transport.ts'
import type { MemberIdentity } from './member-cycle.ts'
import type { EncodedAssignment } from './member-effects.ts'
import type { MembershipSettings } from './membership-options.ts'

/** A request to join. */
export interface JoinInput {
  readonly memberId: string
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[]
  /** Told to the coordinator, for its log (KIP-800). */
  readonly reason: string
}

const joinApi = rpc(joinGroupRequest, joinGroupResponse)
const syncApi = rpc(syncGroupRequest, syncGroupResponse)
const heartbeatApi = rpc(heartbeatRequest, heartbeatResponse)
const describeGroupsApi = rpc(describeGroupsRequest, describeGroupsResponse)
const leaveApi = rpc(leaveGroupRequest, leaveGroupResponse)

const protocolType = 'consumer'
/** Before this version a member leaves alone, and by its id. */
const severalLeaveSince = 3
/** The coordinator answers a join when the rebalance timeout is over; the answer takes a while too. Kafka's figure. */
const joinLapseMs = 5000

/**
 * What a member asks its coordinator, once each. A connection of its own, since a join is not answered before all
 * members have joined, and everything behind it waits.
 */
export class CoordinatorCalls {
  readonly #client: ClusterClient
  readonly #settings: MembershipSettings
  readonly #signal: AbortSignal
  readonly #purpose: string

  /** `signal` ends all calls but the last, {@link leave}. */
  constructor(client: ClusterClient, settings: MembershipSettings, signal: AbortSignal) {
    this.#client = client
    this.#settings = settings
    this.#signal = signal
    this.#purpose = `group ${settings.groupId} ${client.env.random.bytes(8).toString('hex')}`
  }

  async join({ memberId, protocols, reason }: JoinInput): Promise<JoinGroupResponse> {
    const { sessionTimeoutMs, maxPollIntervalMs: rebalanceTimeoutMs } = this.#settings
    const { groupId, groupInstanceId } = this.#settings
    const timeoutMs = Math.max(this.#client.limits.requestTimeoutMs, rebalanceTimeoutMs + joinLapseMs)
    return await this.#ask(
      joinApi,
      {
        ...{ groupId, memberId, groupInstanceId, protocolType, protocols, reason },
        ...{ sessionTimeoutMs, rebalanceTimeoutMs },
      },
      timeoutMs,
    )
  }

  async sync(
    identity: MemberIdentity,
    protocolName: string | null,
    assignments: readonly EncodedAssignment[],
  ): Promise<SyncGroupResponse> {
    const { groupId, groupInstanceId } = this.#settings
    const request = { ...identity, groupId, groupInstanceId, protocolType, protocolName, assignments }
    return await this.#ask(syncApi, request)
  }

  /** What the members of the group have, as it was assigned to them. */
  async currentAssignments(): Promise<Buffer[]> {
    const { groups } = await this.#ask(describeGroupsApi, { groups: [this.#settings.groupId] })
    return groups.flatMap(({ members }) => members.map(({ memberAssignment }) => memberAssignment))
  }

  /** Resolves to an error code. */
  async heartbeat(identity: MemberIdentity): Promise<number> {
    const { groupId, groupInstanceId, sessionTimeoutMs } = this.#settings
    const timeoutMs = Math.min(this.#client.limits.requestTimeoutMs, sessionTimeoutMs)
    const { errorCode } = await this.#ask(heartbeatApi, { ...identity, groupId, groupInstanceId }, timeoutMs)
    return errorCode
  }

  /** Says that the member is gone. If it cannot be said, the session will tell. */
  async leave(memberId: string, reason: string): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings
    const member = { memberId, groupInstanceId, reason }
    // Not behind a join that may be under way.
    await this.#client
      .link({ group: groupId })
      .then((link) =>
        link.call(leaveApi, (version) =>
          version >= severalLeaveSince ? { groupId, members: [member] } : { groupId, memberId },
        ),
      )
      .catch(() => undefined)
  }

  /** Closes the connection. */
  close(): void {
    this.#client.release(this.#purpose)
  }

  async #ask<Input, Value>(
    api: Rpc<Input, Value>,
    input: CallInput<Input>,
    timeoutMs?: number,
  ): Promise<Value> {
    const target = { group: this.#settings.groupId }
    const link = await this.#client.link(target, { purpose: this.#purpose, signal: this.#signal })
    const limits = timeoutMs === undefined ? {} : { timeoutMs }
    return await link.call(api, input, { signal: this.#signal, ...limits })
  }
}
