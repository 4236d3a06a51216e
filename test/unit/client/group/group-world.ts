import { onTestFinished } from 'vitest'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import type { ClientLimitOptions } from '../../../../src/client/cluster/client-options.ts'
import type { TopicPartition } from '../../../../src/client/cluster/cluster-metadata.ts'
import { GroupMembership } from '../../../../src/client/group/group-membership.ts'
import type { MembershipHost } from '../../../../src/client/group/membership-host.ts'
import type { GroupMembershipOptions } from '../../../../src/client/group/membership-options.ts'
import { partitionKey, without } from '../../../../src/client/cluster/topic-partitions.ts'
import { InProcessTransport } from '../../../../src/embedded/in-process-transport.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import { startTestCluster } from '../../../../src/testing/start-test-cluster.ts'
import type { TestCluster, TestTopic } from '../../../../src/testing/test-cluster.ts'

/** How far the clock goes on in one turn of the event loop, while sockets do their work in real time. */
const stepMs = 20
const patienceSteps = 30_000

/** Who has which partition, and what was wrong about it. */
export class Ledger {
  readonly owners = new Map<string, string>()
  readonly faults: string[] = []

  take(name: string, partitions: readonly TopicPartition[]): void {
    for (const key of partitions.map(partitionKey)) {
      const other = this.owners.get(key)
      if (other !== undefined) this.faults.push(`${name} got ${key}, which ${other} still has`)
      this.owners.set(key, name)
    }
  }

  drop(name: string, partitions: readonly TopicPartition[]): void {
    for (const key of partitions.map(partitionKey)) {
      if (this.owners.get(key) !== name) this.faults.push(`${name} gave up ${key}, which it does not have`)
      else this.owners.delete(key)
    }
  }
}

/** A consumer, as far as its membership is concerned. */
export class TestHost implements MembershipHost {
  readonly name: string
  readonly #ledger: Ledger
  topics: readonly string[]
  #owned: readonly TopicPartition[] = []
  /** What it was told, such as `assigned t-0 t-1`. */
  readonly log: string[] = []
  failure: Error | undefined
  isWaitingForRecords = true
  isDead = false
  /** What it does before it gives partitions up. */
  onRevoked: (partitions: readonly TopicPartition[]) => Promise<void> = async () => {}
  /** What it does once it has them. */
  onAssigned: (partitions: readonly TopicPartition[]) => Promise<void> = async () => {}

  constructor(name: string, topics: readonly string[], ledger: Ledger) {
    this.name = name
    this.topics = topics
    this.#ledger = ledger
  }

  async subscription(): Promise<readonly string[]> {
    return this.topics
  }

  owned(): readonly TopicPartition[] {
    return this.#owned
  }

  isWaiting(): boolean {
    return this.isWaitingForRecords
  }

  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.onRevoked(partitions)
    this.#giveUp('revoked', partitions)
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    this.#giveUp('lost', partitions)
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.isDead) return
    this.#note('assigned', partitions)
    this.#ledger.take(this.name, partitions)
    this.#owned = [...this.#owned, ...partitions]
    await this.onAssigned(partitions)
  }

  failed(error: Error): void {
    this.failure = error
  }

  /** Ends without a word. */
  die(): void {
    this.isDead = true
    this.#ledger.drop(this.name, this.#owned)
    this.#owned = []
  }

  #giveUp(what: string, partitions: readonly TopicPartition[]): void {
    if (this.isDead) return
    this.#note(what, partitions)
    this.#ledger.drop(this.name, partitions)
    this.#owned = without(this.#owned, partitions)
  }

  #note(what: string, partitions: readonly TopicPartition[]): void {
    this.log.push([what, ...partitions.map(({ topic, partition }) => `${topic}-${partition}`)].join(' '))
  }
}

/** A member of a group, with a client of its own. */
export interface TestMember {
  readonly host: TestHost
  readonly client: ClusterClient
  readonly membership: GroupMembership
}

/** How a {@link GroupWorld} is made. */
export interface WorldOptions {
  /** Of the broker, by Kafka's names. Default: those of a test cluster. */
  readonly config?: Readonly<Record<string, string | number>>
  /** Calls the broker directly: quicker, and the same each time. Faults need connections. Default false. */
  readonly isInProcess?: boolean
}

/** A broker, consumers of group `g`, and a clock that is moved by hand. */
export class GroupWorld {
  readonly clock: ManualClock
  readonly cluster: TestCluster
  readonly ledger = new Ledger()
  readonly members: TestMember[] = []
  /** What handlers of the broker threw that they should not have. */
  readonly failures: unknown[] = []
  readonly #isInProcess: boolean

  private constructor(clock: ManualClock, cluster: TestCluster, isInProcess: boolean) {
    this.clock = clock
    this.cluster = cluster
    this.#isInProcess = isInProcess
  }

  /** Closed when the test is over, at the latest. */
  static async start(
    topics: readonly TestTopic[],
    { config = {}, isInProcess = false }: WorldOptions = {},
  ): Promise<GroupWorld> {
    const clock = new ManualClock()
    const cluster = await startTestCluster({ topics, clock, config, seed: 1 })
    const world = new GroupWorld(clock, cluster, isInProcess)
    onTestFinished(() => world.close())
    return world
  }

  /** A member that has not started yet. */
  member(
    name: string,
    {
      topics = ['t'],
      ...options
    }: Partial<GroupMembershipOptions> & { readonly topics?: readonly string[] } = {},
    limits: ClientLimitOptions = {},
    client: ClusterClient = this.client(name, limits),
  ): TestMember {
    const host = new TestHost(name, topics, this.ledger)
    const membership = new GroupMembership({ client, host, options: { groupId: 'g', ...options } })
    const member = { host, client, membership }
    this.members.push(member)
    return member
  }

  /** A client of the cluster. */
  client(clientId: string, limits: ClientLimitOptions = {}): ClusterClient {
    const { env, bootstrap: bootstrapServers, broker } = this.cluster
    const transport = this.#isInProcess
      ? {
          transport: new InProcessTransport({
            broker,
            clientId,
            onFailure: (_message, error) => this.failures.push(error),
          }),
        }
      : {}
    return new ClusterClient({ env, bootstrapServers, clientId, limits, ...transport })
  }

  /** A member that has joined, when all that are alive have settled. */
  async join(...args: Parameters<GroupWorld['member']>): Promise<TestMember> {
    const member = this.member(...args)
    member.membership.start()
    await this.until(() => member.host.log.some((line) => line.startsWith('assigned')))
    return member
  }

  /** Ends without a word: its connections break, and nobody tells the group. */
  kill(member: TestMember): void {
    member.host.die()
    member.client.close()
  }

  /** Lets time pass until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    for (let step = 0; !condition(); step++) {
      if (step > patienceSteps) throw new Error(`this has not come true: ${condition.toString()}`)
      await this.clock.runFor(stepMs)
    }
  }

  /** Lets time pass until `promise` is settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    await this.until(() => isSettled)
    return await promise
  }

  /** Lets `durationMs` pass. */
  async pass(durationMs: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + durationMs
    await this.until(() => this.clock.monotonicMs() >= endMs)
  }

  /** What each member that is alive has, such as `{ a: ['t-0'] }`. */
  get shares(): Record<string, string[]> {
    const alive = this.members.filter(({ host }) => !host.isDead)
    return Object.fromEntries(
      alive.map(({ host }) => [
        host.name,
        host
          .owned()
          .map(({ topic, partition }) => `${topic}-${partition}`)
          .toSorted(),
      ]),
    )
  }

  async close(): Promise<void> {
    for (const { client } of this.members) client.close()
    await this.cluster.close()
  }
}
