import { TidemarkError } from '../../base/errors.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { rpc } from '../network/rpc.ts'
import { initProducerIdRequest, initProducerIdResponse } from '../../wire/messages/22-init-producer-id.ts'
import { nextEpoch, type ProducerIdentity } from './idempotence.ts'

const initProducerIdApi = rpc(initProducerIdRequest, initProducerIdResponse)

/** What Kafka's clients state for a producer without transactions: the longest there is. */
const noTransactionTimeoutMs = 2 ** 31 - 1

/** Who is told how the asking for a producer id went. */
export interface SessionHost {
  /** There is an identity now. */
  ready(): void
  /** There is none. After an error that is not retriable there will be none later either. */
  failed(error: TidemarkError): void
}

/** The producer id of an idempotent producer, asked for when it is first needed, and again when its epochs are used up. */
export class ProducerSession {
  readonly #client: ClusterClient
  readonly #host: SessionHost
  #identity: ProducerIdentity | undefined
  #isAsking = false

  constructor(client: ClusterClient, host: SessionHost) {
    this.#client = client
    this.#host = host
  }

  /**
   * The identity that a partition is to go on with after `before`, `undefined` for one that begins. When there is none yet,
   * it is asked for, and the host hears of it.
   *
   * Epochs are counted by partition: a broker keeps them so, and what one partition has lost need not concern the others.
   */
  after(before: ProducerIdentity | undefined): ProducerIdentity | undefined {
    const known = this.#identity
    if (known !== undefined && known.producerId !== before?.producerId) return known
    const next = known === undefined || before === undefined ? undefined : nextEpoch(before)
    if (next !== undefined) return next
    this.#identity = undefined
    if (!this.#isAsking) void this.#ask()
    return undefined
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    try {
      const request = { transactionalId: null, transactionTimeoutMs: noTransactionTimeoutMs }
      const { producerId, producerEpoch } = await this.#client.call('any', initProducerIdApi, request, {
        errorCodeOf: ({ errorCode }) => errorCode,
      })
      this.#identity = { producerId, producerEpoch }
      this.#isAsking = false
      this.#host.ready()
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      this.#isAsking = false
      this.#host.failed(error)
    }
  }
}
