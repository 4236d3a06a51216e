import { errorCodes } from '../../src/wire/error-codes.ts'
import type { JoinGroupResponse } from '../../src/wire/messages/11-join-group.ts'
import { zeroUuid } from '../../src/wire/uuid.ts'
import type { GroupHarness } from '../unit/broker/groups/group-harness.ts'
import type { GroupLedger } from './groups-ledger.ts'

export const partitionCount = 5

export interface MemberTraits {
  readonly isStatic: boolean
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

interface Ownership {
  readonly generationId: number
  /** The next offset to commit in each partition. */
  readonly positions: Map<number, number>
}

/**
 * A consumer as a client library runs it, under the eager protocol: it joins, hands in assignments if it leads, fetches
 * its own, and from then on sends heartbeats and commits. It can be paused between any two of its requests, and be
 * killed, after which what it still has under way concerns nobody.
 */
export class SimulatedMember {
  readonly #harness: GroupHarness
  readonly #ledger: GroupLedger
  readonly index: number
  readonly #traits: MemberTraits
  readonly #instanceId: string | null
  #memberId = ''
  #ownership: Ownership | undefined
  #life = 0
  #isBusy = false
  #awake: Promise<void> | undefined
  #wake: () => void = () => {}
  isAlive = true

  constructor(harness: GroupHarness, ledger: GroupLedger, index: number, traits: MemberTraits) {
    this.#harness = harness
    this.#ledger = ledger
    this.index = index
    this.#traits = traits
    this.#instanceId = traits.isStatic ? `instance-${index}` : null
  }

  /** What it owns, and in which generation; undefined while it is not stable. */
  get owned(): { generationId: number; partitions: number[] } | undefined {
    if (this.#ownership === undefined) return undefined
    return { generationId: this.#ownership.generationId, partitions: [...this.#ownership.positions.keys()] }
  }

  /** Does the next thing, unless it is waiting for an answer. */
  step(): void {
    this.#do(async () => {
      if (this.#ownership === undefined) await this.#join()
      else await this.#heartbeat(this.#ownership)
      if (this.#ownership !== undefined) await this.#commit(this.#ownership)
    })
  }

  commit(): void {
    this.#do(async () => {
      if (this.#ownership !== undefined) await this.#commit(this.#ownership)
    })
  }

  leave(): void {
    this.#do(async () => {
      this.isAlive = false
      await this.#harness.leave(this.#memberId, this.#instanceId)
      this.#memberId = ''
      this.#ownership = undefined
    })
  }

  pause(): void {
    this.#awake ??= new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Goes on; a consumer that has been asleep commits before it hears of anything that happened meanwhile. */
  resume(): void {
    this.#wake()
    this.#awake = undefined
    this.commit()
  }

  /** Ends without a word. */
  die(): void {
    this.#life++
    this.#isBusy = false
    this.isAlive = false
    this.#memberId = ''
    this.#ownership = undefined
    this.#wake()
    this.#awake = undefined
  }

  /** Starts, if it is not running. */
  start(): void {
    this.isAlive = true
  }

  #do(action: () => Promise<void>): void {
    if (!this.isAlive || this.#isBusy || this.#awake !== undefined) return
    this.#isBusy = true
    const life = this.#life
    void action().then(
      () => {
        if (life === this.#life) this.#isBusy = false
      },
      (error: unknown) => {
        if (error !== killed) this.#ledger.fail(error)
      },
    )
  }

  /** Waits for an answer; goes on with it once awake, and not at all if killed meanwhile. */
  async #answer<T>(answer: Promise<T>): Promise<T> {
    const life = this.#life
    const value = await answer
    while (this.#awake !== undefined) await this.#awake
    if (life !== this.#life) throw killed
    return value
  }

  async #join(): Promise<void> {
    const joined = await this.#answer(
      this.#harness.join({
        memberId: this.#memberId,
        groupInstanceId: this.#instanceId,
        sessionTimeoutMs: this.#traits.sessionTimeoutMs,
        rebalanceTimeoutMs: this.#traits.rebalanceTimeoutMs,
      }),
    )
    if (joined.errorCode === errorCodes.MEMBER_ID_REQUIRED) this.#memberId = joined.memberId
    else if (joined.errorCode === errorCodes.NONE) {
      this.#memberId = joined.memberId
      this.#ledger.join(joined.generationId)
      await this.#sync(joined)
    } else this.#lose(joined.errorCode)
  }

  async #sync(joined: JoinGroupResponse): Promise<void> {
    const { generationId } = joined
    const leads = joined.leader === this.#memberId && !joined.skipAssignment
    const assignments = leads ? assign(joined.members.map(({ memberId }) => memberId)) : []
    const identity = { memberId: this.#memberId, groupInstanceId: this.#instanceId }
    const synced = await this.#answer(this.#harness.sync({ ...identity, generationId, assignments }))
    if (synced.errorCode !== errorCodes.NONE) return this.#lose(synced.errorCode)
    const partitions = [...synced.assignment]
    this.#ledger.own(generationId, this.index, partitions)
    const positions = new Map<number, number>()
    for (const partition of partitions) {
      const committed = await this.#answer(this.#fetch(partition))
      // An error of the coordinator: the client would ask again; here it joins again.
      if (committed < -1) return
      positions.set(partition, committed + 1)
    }
    this.#ownership = { generationId, positions }
  }

  async #heartbeat(ownership: Ownership): Promise<void> {
    const { generationId } = ownership
    const errorCode = await this.#answer(
      this.#harness.heartbeat(this.#memberId, generationId, this.#instanceId),
    )
    // What it has processed it commits before it gives its partitions up.
    if (errorCode === errorCodes.REBALANCE_IN_PROGRESS) await this.#commit(ownership)
    this.#lose(errorCode)
  }

  async #commit(ownership: Ownership): Promise<void> {
    const [partition] = ownership.positions.keys()
    if (partition === undefined) return
    const offset = ownership.positions.get(partition) ?? 0
    this.#ledger.process(partition, offset)
    const [topic] = this.#harness.commitRequest(offset).topics
    const partitions = (topic?.partitions ?? []).map((one) => ({ ...one, partitionIndex: partition }))
    const errorCode = await this.#answer(
      this.#harness
        .commit(offset, {
          memberId: this.#memberId,
          groupInstanceId: this.#instanceId,
          generationIdOrMemberEpoch: ownership.generationId,
          topics: [{ name: 't', topicId: zeroUuid, partitions }],
        })
        .then((code) => {
          if (code === errorCodes.NONE) this.#ledger.commit(partition, offset)
          return code
        }),
    )
    // Another partition's turn is next.
    ownership.positions.delete(partition)
    ownership.positions.set(partition, errorCode === errorCodes.NONE ? offset + 1 : offset)
    this.#lose(errorCode)
  }

  async #fetch(partition: number): Promise<number> {
    const topics = [{ name: 't', topicId: zeroUuid, partitionIndexes: [partition] }]
    const group = { groupId: 'g', memberId: null, memberEpoch: -1, topics }
    const request = { groupId: '', topics: null, groups: [group], requireStable: true }
    const response = await this.#harness.coordinator.offsetFetch(this.#harness.context(9), request)
    const told = response.groups[0]
    return told?.errorCode === errorCodes.NONE ? (told.topics[0]?.partitions[0]?.committedOffset ?? -2) : -2
  }

  /** What the client makes of an error: its place in the generation, or its id too, may be gone. */
  #lose(errorCode: number): void {
    // The id of a static member that was not stored is forgotten with its coordinator, and fenced by the one before
    // (KIP-345). A client ends by that; here it is as if it had been started again at once.
    const isIdOver = errorCode === errorCodes.UNKNOWN_MEMBER_ID || errorCode === errorCodes.FENCED_INSTANCE_ID
    const isGenerationOver =
      errorCode === errorCodes.REBALANCE_IN_PROGRESS ||
      errorCode === errorCodes.ILLEGAL_GENERATION ||
      isIdOver ||
      errorCode === errorCodes.GROUP_ID_NOT_FOUND
    if (isGenerationOver) this.#ownership = undefined
    if (isIdOver) this.#memberId = ''
  }
}

const killed = new Error('killed')

/** Every partition to one member, in turns. */
function assign(memberIds: readonly string[]): { memberId: string; assignment: Buffer }[] {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition)
  return memberIds.map((memberId, index) => ({
    memberId,
    assignment: Buffer.from(partitions.filter((partition) => partition % memberIds.length === index)),
  }))
}
