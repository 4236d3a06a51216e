import { setTimeout as sleep } from 'node:timers/promises'
import { errorCodes } from '../../src/wire/error-codes.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../src/wire/messages/08-offset-commit.ts'
import { offsetFetchRequest, offsetFetchResponse } from '../../src/wire/messages/09-offset-fetch.ts'
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../src/wire/messages/10-find-coordinator.ts'
import { ConnectionLostError, WireClient } from '../server/wire-client.ts'
import type { Finding } from './finding.ts'

const groupId = 'readers'
const pauseMs = 2

/** A consumer group that commits ever larger offsets, and looks after each restart what became of them. */
export class BrokerCommitter {
  readonly #topic: string
  readonly #port: () => Promise<number>
  #attempted = 0
  #acknowledged = 0
  #isStopped = false
  readonly findings: Finding[] = []

  constructor(topic: string, port: () => Promise<number>) {
    this.#topic = topic
    this.#port = port
  }

  get acknowledgedCount(): number {
    return this.#acknowledged
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Commits until {@link stop}. The last thing it does is to look. */
  async run(): Promise<void> {
    for (let isOver = false; !isOver; ) {
      try {
        using client = await WireClient.connect(await this.#port())
        await this.#findCoordinator(client)
        await this.#look(client)
        isOver = this.#isStopped
        while (!this.#isStopped) await this.#commit(client)
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error
        await sleep(pauseMs)
      }
    }
  }

  /** Which also makes the topic that offsets are kept in. */
  async #findCoordinator(client: WireClient): Promise<void> {
    const declared = { request: findCoordinatorRequest, response: findCoordinatorResponse }
    const { coordinators } = await client.call(declared, 4, { coordinatorKeys: [groupId] })
    mustBeFine(coordinators[0]?.errorCode)
  }

  async #commit(client: WireClient): Promise<void> {
    const committedOffset = ++this.#attempted
    const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }]
    const declared = { request: offsetCommitRequest, response: offsetCommitResponse }
    const { topics } = await client.call(declared, 9, {
      groupId,
      topics: [{ name: this.#topic, partitions }],
    })
    mustBeFine(topics[0]?.partitions[0]?.errorCode)
    this.#acknowledged = committedOffset
    await sleep(pauseMs)
  }

  async #look(client: WireClient): Promise<void> {
    const declared = { request: offsetFetchRequest, response: offsetFetchResponse }
    const topics = [{ name: this.#topic, partitionIndexes: [0] }]
    const { groups } = await client.call(declared, 9, { groups: [{ groupId, topics }] })
    mustBeFine(groups[0]?.errorCode)
    const found = groups[0]?.topics[0]?.partitions[0]
    mustBeFine(found?.errorCode)
    const committed = Math.max(0, found?.committedOffset ?? -1)
    if (committed >= this.#acknowledged && committed <= this.#attempted) return
    const kind = committed < this.#acknowledged ? 'lost' : 'invented'
    const detail = `offset ${this.#acknowledged} was committed, and at most ${this.#attempted}: ${committed} is there`
    this.findings.push({ kind, detail })
  }
}

/** Any error of a broker that has just started passes: it is asked again. */
function mustBeFine(errorCode: number | undefined): void {
  if (errorCode !== errorCodes.NONE) throw new ConnectionLostError(`error ${errorCode ?? 'unknown'}`)
}
