import type { Clock } from '../../env/env.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import type { SyncGroupResponse } from '../../wire/messages/14-sync-group.ts'
import type { Timer, Timers } from '../../env/timers.ts'
import {
  appendErrorCode,
  type CoordinatorLog,
  type CoordinatorRecord,
  type TransactionProducer,
} from './coordinator-log.ts'
import type { Effect, GroupTimer } from './effects.ts'
import type { GroupConfig } from './group-config.ts'
import { type GroupEntry, GroupTable } from './group-entry.ts'
import { groupRecord } from './group-records.ts'
import { Replay } from './replay.ts'

/** What the coordinator works with. */
export interface GroupSurroundings {
  readonly clock: Clock
  readonly timers: Timers
  readonly log: CoordinatorLog
  readonly config: GroupConfig
}

type Answer<T> = (response: T) => void

/**
 * One partition of `__consumer_offsets` that this broker leads, with its groups. It carries out what the groups ask
 * for: appends, timers and answers.
 */
export class GroupShard {
  readonly partition: number
  readonly groups: GroupTable
  readonly #surroundings: GroupSurroundings
  readonly #timers = new Map<string, Map<GroupTimer, Timer>>()
  readonly #joins = new Map<number, Answer<JoinGroupResponse>>()
  readonly #syncs = new Map<number, Answer<SyncGroupResponse>>()
  /** The end of the appends under way, by group. */
  readonly #appends = new Map<string, Promise<unknown>>()
  #requestCount = 0
  #isClosed = false

  constructor(partition: number, surroundings: GroupSurroundings) {
    this.partition = partition
    this.#surroundings = surroundings
    this.groups = new GroupTable(surroundings.config, () => surroundings.clock.nowMs())
  }

  /**
   * Reads the groups back from the log, and takes up the work; or not, when it was closed meanwhile.
   *
   * @throws WireError if a record is malformed
   */
  async load(): Promise<void> {
    const replay = new Replay(this.groups)
    for await (const logged of this.#surroundings.log.replay(this.partition)) {
      if (this.#isClosed) return
      replay.apply(logged)
    }
    if (this.#isClosed) return
    replay.finish()
    for (const entry of this.groups.all()) this.carryOut(entry, entry.group.resume())
  }

  /** Gives the groups up to another coordinator, to which everyone who waits is sent. */
  close(): void {
    this.#isClosed = true
    for (const entry of this.groups.all()) this.carryOut(entry, entry.group.die(errorCodes.NOT_COORDINATOR))
  }

  /** Registers a join, and hands its number to `start`, which is to carry out what follows from it. */
  join(start: (requestId: number) => void): Promise<JoinGroupResponse> {
    return this.#request(this.#joins, start)
  }

  /** The same for a sync. */
  sync(start: (requestId: number) => void): Promise<SyncGroupResponse> {
    return this.#request(this.#syncs, start)
  }

  /** Does what a transition of the group has asked for. Its appends, if any, are shown to `watch`. */
  carryOut(
    entry: GroupEntry,
    effects: readonly Effect[],
    watch: (append: Promise<number>) => void = () => {},
  ): void {
    for (const effect of effects) {
      if (effect.kind === 'append') watch(this.#store(entry, effect))
      else this.#carryOut(entry, effect)
    }
  }

  /** The same. Resolves to an error code once the appends have ended. */
  async settle(entry: GroupEntry, effects: readonly Effect[]): Promise<number> {
    const appends: Promise<number>[] = []
    this.carryOut(entry, effects, (append) => appends.push(append))
    const errors = await Promise.all(appends)
    return errors.find((errorCode) => errorCode !== errorCodes.NONE) ?? errorCodes.NONE
  }

  /**
   * Appends records of a group, and calls `apply` before anything that comes after in the log is applied. Resolves to
   * an error code fit for members.
   */
  append(
    groupId: string,
    records: readonly CoordinatorRecord[],
    apply: (errorCode: number) => void,
    transaction?: TransactionProducer,
  ): Promise<number> {
    const ended = this.#surroundings.log.append(this.partition, records, transaction).then(
      () => errorCodes.NONE,
      (error: unknown) => appendErrorCode(error),
    )
    const applied = ended.then((errorCode) => {
      apply(errorCode)
      return errorCode
    })
    this.#remember(groupId, applied)
    return applied
  }

  /** Whether appends of the group are under way. */
  isBusy(groupId: string): boolean {
    return this.#appends.has(groupId)
  }

  /** Resolves when the appends of the group that are under way have ended and are applied. */
  async quiet(groupId: string): Promise<void> {
    await this.#appends.get(groupId)
  }

  #request<T>(waiting: Map<number, Answer<T>>, start: (requestId: number) => void): Promise<T> {
    const requestId = ++this.#requestCount
    return new Promise((resolve) => {
      waiting.set(requestId, resolve)
      start(requestId)
    })
  }

  #remember(groupId: string, append: Promise<unknown>): void {
    const before = this.#appends.get(groupId)
    const all = Promise.all([before, append]).then(() => {
      if (this.#appends.get(groupId) === all) this.#appends.delete(groupId)
    })
    this.#appends.set(groupId, all)
  }

  #store(entry: GroupEntry, { appendId, value }: Extract<Effect, { kind: 'append' }>): Promise<number> {
    const { group } = entry
    return this.append(group.groupId, [groupRecord(group.groupId, value)], (errorCode) => {
      this.carryOut(entry, group.appended(appendId, errorCode))
    })
  }

  #carryOut({ group }: GroupEntry, effect: Exclude<Effect, { kind: 'append' }>): void {
    switch (effect.kind) {
      case 'answer-join':
        return answer(this.#joins, effect.requestId, effect.response)
      case 'answer-sync':
        return answer(this.#syncs, effect.requestId, effect.response)
      case 'set-timer':
        return this.#setTimer(group.groupId, effect.timer, effect.delayMs)
      case 'cancel-timer':
        return this.#cancelTimer(group.groupId, effect.timer)
    }
  }

  #setTimer(groupId: string, name: GroupTimer, delayMs: number): void {
    this.#cancelTimer(groupId, name)
    let timers = this.#timers.get(groupId)
    if (timers === undefined) this.#timers.set(groupId, (timers = new Map()))
    timers.set(
      name,
      this.#surroundings.timers.after(delayMs, () => this.#timerFired(groupId, name)),
    )
  }

  #cancelTimer(groupId: string, name: GroupTimer): void {
    const timers = this.#timers.get(groupId)
    timers?.get(name)?.cancel()
    timers?.delete(name)
    if (timers?.size === 0) this.#timers.delete(groupId)
  }

  #timerFired(groupId: string, name: GroupTimer): void {
    this.#cancelTimer(groupId, name)
    const entry = this.groups.get(groupId)
    if (entry === undefined) return
    this.carryOut(entry, entry.group.timerFired(name))
    this.groups.dropIfBlank(groupId)
  }
}

function answer<T>(waiting: Map<number, Answer<T>>, requestId: number, response: T): void {
  waiting.get(requestId)?.(response)
  waiting.delete(requestId)
}
