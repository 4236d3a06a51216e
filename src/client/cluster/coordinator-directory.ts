import type { Clock } from '../../env/env.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  type FindCoordinatorResponse,
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../wire/messages/10-find-coordinator.ts'
import type { BrokerAddress } from '../network/broker-address.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink } from '../network/transport.ts'
import { Gatherer } from './gatherer.ts'
import { throwResponseError } from './response-error.ts'

/** What has a coordinator, as FindCoordinator asks for it. */
export interface CoordinatorKey {
  readonly key: string
  /** 0 for a group, 1 for a transactional id. */
  readonly keyType: 0 | 1
}

type Told = Omit<FindCoordinatorResponse['coordinators'][number], 'key'>

const findCoordinatorApi = rpc(findCoordinatorRequest, findCoordinatorResponse)
/** From this version on several can be asked for at once (KIP-699). */
const severalSince = 4
const notTold: Told = {
  ...{ errorCode: errorCodes.UNKNOWN_SERVER_ERROR, errorMessage: 'the broker has not answered for it' },
  ...{ nodeId: -1, host: '', port: -1 },
}

/**
 * Who coordinates which group and which transactional id. Each is asked for when it is needed and not known; there is one
 * request under way for it at most, whoever wants to know.
 */
export class CoordinatorDirectory {
  readonly #anyLink: () => Promise<BrokerLink>
  readonly #requests: Gatherer<CoordinatorKey['keyType'], ReadonlyMap<string, Told>>
  readonly #known = new Map<string, BrokerAddress>()

  /** `anyLink` leads to a broker that can be asked: any of them can. */
  constructor(clock: Clock, anyLink: () => Promise<BrokerLink>) {
    this.#anyLink = anyLink
    this.#requests = new Gatherer(clock, (keys, keyType) => this.#ask(keys, keyType))
  }

  /** @throws KafkaError when nobody is it now; ConnectionError, TimeoutError */
  async find(wanted: CoordinatorKey): Promise<BrokerAddress> {
    const { key, keyType } = wanted
    const known = this.#known.get(textOf(wanted))
    if (known !== undefined) return known
    const answers = await this.#requests.ask(key, keyType)
    const told = answers.get(key) ?? notTold
    const what = keyType === 0 ? 'group' : 'transactional id'
    throwResponseError(told.errorCode, `the coordinator of ${what} '${key}'`, told.errorMessage)
    this.#known.set(textOf(wanted), told)
    return told
  }

  /** It may have moved: the next to need it asks. */
  forget(coordinator: CoordinatorKey): void {
    this.#known.delete(textOf(coordinator))
  }

  forgetAll(): void {
    this.#known.clear()
  }

  async #ask(keys: readonly string[], keyType: CoordinatorKey['keyType']): Promise<Map<string, Told>> {
    const link = await this.#anyLink()
    const { maxVersion = 0 } = link.served.get(findCoordinatorRequest.apiKey) ?? {}
    if (maxVersion >= severalSince) {
      const several = { key: '', keyType, coordinatorKeys: [...keys] }
      const { coordinators } = await link.call(findCoordinatorApi, several)
      return new Map(coordinators.map((told) => [told.key, told]))
    }
    const asked = keys.map(
      async (key) => [key, await link.call(findCoordinatorApi, { key, keyType })] as const,
    )
    return new Map(await Promise.all(asked))
  }
}

function textOf({ key, keyType }: CoordinatorKey): string {
  return `${keyType} ${key}`
}
