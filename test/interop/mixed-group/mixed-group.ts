import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from '../../../src/client/admin/admin.ts'
import type { Producer } from '../../../src/client/producer/producer.ts'
import { Tidemark } from '../../../src/embedded/tidemark.ts'
import { type SeededRandom, seededRandom } from '../../../src/testing/seeded-random.ts'
import { GroupLedger } from './group-ledger.ts'
import { MemberHost, type MemberKind, type MemberTask } from './member-host.ts'

/** What a group of both kinds of members is put through. */
export interface MixedGroupTask {
  readonly bootstrap: string
  /** A name that topic and group have alone. */
  readonly name: string
  readonly assignor: 'range' | 'cooperative-sticky'
  /** How often a member comes or goes, and at least the generations that come of it: changes at the same time share one. */
  readonly rebalanceCount: number
  /** One in so many that go is killed, and every member of its process with it; 0: none. */
  readonly killOneIn: number
  readonly seed: number
}

/** What came of it. */
export interface MixedGroupOutcome {
  readonly recordCount: number
  /** Never read by anybody. */
  readonly lostCount: number
  /** Readings of what had been read before. */
  readonly doubledCount: number
  /** Of those, readings of what one had read before who could have committed it. */
  readonly needless: readonly string[]
  /** Partitions in two hands at a time. */
  readonly overlaps: readonly string[]
  /** Members of ours that had lost partitions before they gave them up. */
  readonly forfeited: readonly string[]
  readonly failures: readonly string[]
  /** Records that were read and are not committed, when everybody has left. */
  readonly uncommittedCount: number
  readonly killCount: number
  /** The generations that the group went through. */
  readonly generation: number
  /** From a change to each member having its share. */
  readonly slowestMs: number
}

const partitionCount = 6
/** Fewer than partitions, so that each has something to do. */
const membersMax = 5
const patienceMs = 240_000
/** Long enough for a loaded machine, unless the dead are waited for. */
const sessionTimeoutMs = { none: 60_000, some: 15_000 }

interface Member {
  readonly name: string
  readonly host: MemberHost
}

/** Members of both kinds join a group and leave it while records come, and each partition always has one who reads it. */
export async function rebalanceMixedGroup(task: MixedGroupTask): Promise<MixedGroupOutcome> {
  await using group = await MixedGroup.form(task)
  const isThrough = () =>
    group.generation >= task.rebalanceCount && (group.killCount > 0 || task.killOneIn === 0)
  for (let count = 1; count < task.rebalanceCount || !isThrough(); count++) await group.change()
  return await group.end()
}

class MixedGroup implements AsyncDisposable {
  readonly #task: MixedGroupTask
  readonly #member: MemberTask
  readonly #random: SeededRandom
  readonly #ledger = new GroupLedger(partitionCount)
  readonly #hosts = new Map<MemberKind, MemberHost>()
  readonly #tidemark: Tidemark
  readonly #flow: RecordFlow
  /** All that there ever were. */
  readonly #everybody: Member[] = []
  /** Those that are to be in the group. */
  #members: Member[] = []
  #killCount = 0
  #slowestMs = 0

  private constructor(task: MixedGroupTask, tidemark: Tidemark) {
    const { name, bootstrap, assignor, killOneIn, seed } = task
    const timeoutMs = killOneIn === 0 ? sessionTimeoutMs.none : sessionTimeoutMs.some
    this.#task = task
    this.#member = { bootstrap, groupId: name, topic: name, assignor, sessionTimeoutMs: timeoutMs }
    this.#random = seededRandom(seed)
    this.#tidemark = tidemark
    this.#flow = new RecordFlow(tidemark.producer(), name)
  }

  static async form(task: MixedGroupTask): Promise<MixedGroup> {
    const tidemark = await Tidemark.connect(task.bootstrap)
    await tidemark.admin().createTopics([{ name: task.name, partitions: partitionCount }])
    const group = new MixedGroup(task, tidemark)
    group.#flow.start()
    group.#join('java')
    group.#join('ours')
    await group.#settle()
    return group
  }

  get generation(): number {
    return this.#ledger.generation
  }

  get killCount(): number {
    return this.#killCount
  }

  /** A member joins, leaves or is killed; mostly it is waited until the others have taken note. */
  async change(): Promise<void> {
    const leaving = this.#random.pick(this.#members)
    if (this.#members.length < 2 || (this.#members.length < membersMax && this.#random.int(2) === 0))
      this.#join(this.#random.pick(['ours', 'java']))
    else if (this.#task.killOneIn > 0 && this.#random.int(this.#task.killOneIn) === 0)
      await this.#kill(leaving.host)
    else await this.#leave(leaving)
    if (this.#random.int(3) > 0) await this.#settle()
    else await sleep(this.#random.int(300))
  }

  /** Reads to the end, has everybody leave, and looks at what was committed. */
  async end(): Promise<MixedGroupOutcome> {
    await this.#settle()
    const ends = await this.#flow.stop()
    const isAllRead = () => this.#ledger.lostCount(ends) === 0
    await this.#ledger.until('everything is read', isAllRead, patienceMs).catch(() => {})
    const last = [...this.#members]
    for (const member of last) await this.#leave(member)
    const haveLeft = () => last.every(({ name }) => this.#ledger.hasLeft(name))
    await this.#ledger.until('everybody has left', haveLeft, patienceMs)
    const { doubledCount, failures, generation, forfeited } = this.#ledger
    return {
      ...{ doubledCount, needless: this.#ledger.needless(), failures, generation, forfeited },
      ...{ lostCount: this.#ledger.lostCount(ends), overlaps: this.#ledger.overlaps() },
      ...{ killCount: this.#killCount, slowestMs: this.#slowestMs },
      recordCount: ends.reduce((sum, end) => sum + end, 0),
      uncommittedCount: await uncommitted(this.#tidemark.admin(), this.#task.name, ends),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flow.stop()
    for (const host of this.#hosts.values()) await host.kill()
    await this.#tidemark.close()
  }

  #join(kind: MemberKind): void {
    const name = `${kind}-${this.#everybody.length + 1}`
    const host = this.#host(kind)
    this.#ledger.expect(name)
    this.#everybody.push({ name, host })
    this.#members.push({ name, host })
    host.join(name, this.#member)
  }

  async #leave({ name, host }: Member): Promise<void> {
    // Closed within a rebalance, the Java client takes all that it has for lost, and does not commit it: mostly it is left in peace.
    if (host.kind === 'java') await this.#settle()
    this.#members = this.#members.filter((each) => each.name !== name)
    this.#ledger.dismiss(name)
    host.leave(name)
  }

  async #kill(host: MemberHost): Promise<void> {
    this.#killCount++
    this.#hosts.delete(host.kind)
    const atMs = Date.now()
    await host.kill()
    // Those, too, that were about to leave.
    for (const each of this.#everybody) if (each.host === host) this.#ledger.bury(each.name, atMs)
    this.#members = this.#members.filter((each) => each.host !== host)
    if (this.#members.length === 0) this.#join(host.kind)
  }

  #host(kind: MemberKind): MemberHost {
    const host = this.#hosts.get(kind) ?? new MemberHost(kind, (event) => this.#ledger.take(event))
    this.#hosts.set(kind, host)
    return host
  }

  async #settle(): Promise<void> {
    const begunMs = performance.now()
    await this.#ledger.until('each has its share', () => this.#ledger.isShared, patienceMs)
    this.#slowestMs = Math.max(this.#slowestMs, Math.round(performance.now() - begunMs))
  }
}

/** Records that come all the time, as many to each partition. */
class RecordFlow {
  readonly #producer: Producer
  readonly #topic: string
  #isStopped = false
  #count = 0
  #running: Promise<void> = Promise.resolve()

  constructor(producer: Producer, topic: string) {
    this.#producer = producer
    this.#topic = topic
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Resolves, once all are acknowledged, to the end offset of each partition. Idempotent. */
  async stop(): Promise<number[]> {
    this.#isStopped = true
    await this.#running
    return Array.from({ length: partitionCount }, () => this.#count)
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const value = String(this.#count++)
      await this.#producer.sendAll(
        Array.from({ length: partitionCount }, (_, partition) => ({ topic: this.#topic, partition, value })),
      )
      await sleep(5)
    }
  }
}

async function uncommitted(admin: Admin, groupId: string, ends: readonly number[]): Promise<number> {
  const offsets = await admin.listGroupOffsets(groupId)
  const committed = (partition: number) => offsets.find((each) => each.partition === partition)?.offset ?? 0
  return ends.reduce((sum, end, partition) => sum + end - committed(partition), 0)
}
