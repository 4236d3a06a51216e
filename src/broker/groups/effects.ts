import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import type { SyncGroupResponse } from '../../wire/messages/14-sync-group.ts'
import type { GroupMetadataValue } from '../../wire/records/group-metadata.ts'

/**
 * A deadline of a group: `join` ends the wait for members to rejoin, `sync` the wait for them to fetch their
 * assignments, and each member (or one that was given an id and is to come back with it) has its session.
 */
export type GroupTimer = 'join' | 'sync' | `session:${string}`

/**
 * What a transition of a group asks of the world, in this order. The group itself calls nobody: it is told how an
 * append ended by `appended`, and that a timer has run out by `timerFired`.
 */
export type Effect =
  | { readonly kind: 'answer-join'; readonly requestId: number; readonly response: JoinGroupResponse }
  | { readonly kind: 'answer-sync'; readonly requestId: number; readonly response: SyncGroupResponse }
  | { readonly kind: 'append'; readonly appendId: number; readonly value: GroupMetadataValue }
  /** Replaces the timer of that name. */
  | { readonly kind: 'set-timer'; readonly timer: GroupTimer; readonly delayMs: number }
  | { readonly kind: 'cancel-timer'; readonly timer: GroupTimer }

const noAssignment = Buffer.alloc(0)

/** Collects effects until they are taken. */
export class Effects {
  #list: Effect[] = []

  take(): Effect[] {
    const list = this.#list
    this.#list = []
    return list
  }

  answerJoin(requestId: number, response: JoinGroupResponse): void {
    this.#list.push({ kind: 'answer-join', requestId, response })
  }

  /** Answers a join that comes to nothing. Kafka repeats the member's id, unless it is to forget it. */
  refuseJoin(requestId: number, errorCode: number, memberId: string): void {
    this.answerJoin(requestId, joinRefusal(errorCode, memberId))
  }

  answerSync(requestId: number, response: SyncGroupResponse): void {
    this.#list.push({ kind: 'answer-sync', requestId, response })
  }

  /** Answers a sync that comes to nothing. */
  refuseSync(requestId: number, errorCode: number): void {
    this.answerSync(requestId, syncRefusal(errorCode))
  }

  append(appendId: number, value: GroupMetadataValue): void {
    this.#list.push({ kind: 'append', appendId, value })
  }

  setTimer(timer: GroupTimer, delayMs: number): void {
    this.#list.push({ kind: 'set-timer', timer, delayMs })
  }

  cancelTimer(timer: GroupTimer): void {
    this.#list.push({ kind: 'cancel-timer', timer })
  }
}

/** The shape of an answer to a join that comes to nothing. */
export function joinRefusal(errorCode: number, memberId: string): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

/** The shape of an answer to a sync that comes to nothing. */
export function syncRefusal(errorCode: number): SyncGroupResponse {
  return { throttleTimeMs: 0, errorCode, protocolType: null, protocolName: null, assignment: noAssignment }
}
