import type { KafkaError } from '../../wire/kafka-error.ts'
import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'

/** A deadline of a member: the next heartbeat, or the end of a pause before another attempt. */
export type MemberTimer = 'heartbeat' | 'pause'

/**
 * What has to be given up before the next step: what the protocol asks for before joining again; everything, before leaving;
 * or everything, because the group has long given it to others.
 */
export type Release = 'rejoin' | 'leave' | 'lost'

/** What one member has assigned to another: the bytes of a SyncGroup. */
export interface EncodedAssignment {
  readonly memberId: string
  readonly assignment: Buffer
}

/**
 * What a transition of a member asks of the world, in this order. Whatever takes time reports back to the cycle with the
 * `step` that it was given; by then another step may have begun, and the report counts for nothing.
 */
export type MemberEffect =
  | { readonly kind: 'release'; readonly step: number; readonly release: Release }
  | { readonly kind: 'join'; readonly step: number; readonly reason: string }
  /** This member leads: it is to assign. */
  | { readonly kind: 'assign'; readonly step: number; readonly response: JoinGroupResponse }
  | { readonly kind: 'sync'; readonly step: number; readonly assignments: readonly EncodedAssignment[] }
  | { readonly kind: 'adopt'; readonly step: number; readonly assignment: Buffer }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'leave'; readonly memberId: string; readonly reason: string }
  /** Whoever was asked is not the coordinator, or cannot be reached. */
  | { readonly kind: 'doubt-coordinator' }
  /** Replaces the timer of that name. */
  | { readonly kind: 'set-timer'; readonly timer: MemberTimer; readonly delayMs: number }
  /** Sets the timer `pause`, as long as it takes after so many failures in a row. */
  | { readonly kind: 'pause'; readonly failureCount: number }
  | { readonly kind: 'cancel-timer'; readonly timer: MemberTimer }
  | { readonly kind: 'fail'; readonly error: Error }
  /** It is over: nothing will be asked any more. */
  | { readonly kind: 'end' }

/** How to go on after an error. */
export type Verdict = 'retry' | 'find-coordinator' | 'rejoin' | 'forget-generation' | 'forget-member' | 'fail'

const verdicts: ReadonlyMap<KafkaError['kafkaName'], Verdict> = new Map([
  ['COORDINATOR_LOAD_IN_PROGRESS', 'retry'],
  ['REQUEST_TIMED_OUT', 'retry'],
  ['COORDINATOR_NOT_AVAILABLE', 'find-coordinator'],
  ['NOT_COORDINATOR', 'find-coordinator'],
  ['REBALANCE_IN_PROGRESS', 'rejoin'],
  ['ILLEGAL_GENERATION', 'forget-generation'],
  ['UNKNOWN_MEMBER_ID', 'forget-member'],
])

/** As Kafka's consumer goes on after an error of JoinGroup, SyncGroup or Heartbeat. */
export function verdictOn({ kafkaName }: KafkaError): Verdict {
  return verdicts.get(kafkaName) ?? 'fail'
}
