import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
  type FindCoordinatorResponseInput,
} from '../../wire/messages/10-find-coordinator.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'
import { offsetsTopic } from '../offsets-topic.ts'

type Coordinator = NonNullable<FindCoordinatorResponseInput['coordinators']>[number]

/** What a key names. */
const groupKey = 0
const transactionKey = 1

/** From this version on several keys are asked for at once (KIP-699). */
const severalSince = 4

/** Which broker coordinates a group: the leader of its partition of `__consumer_offsets`, which is made if need be. */
export const findCoordinator = handler(
  { request: findCoordinatorRequest, response: findCoordinatorResponse },
  async (broker, request, { apiVersion, listenerName }) => {
    const keys = apiVersion >= severalSince ? request.coordinatorKeys : [request.key]
    const coordinators: Coordinator[] = []
    for (const key of keys) coordinators.push(await find(broker, key, request.keyType, listenerName))
    if (apiVersion >= severalSince) return { throttleTimeMs: 0, coordinators }
    const [only] = coordinators
    return { throttleTimeMs: 0, ...(only ?? nowhere('', errorCodes.INVALID_REQUEST, '')) }
  },
)

async function find(
  broker: Broker,
  key: string,
  keyType: number,
  listenerName: string,
): Promise<Coordinator> {
  try {
    if (keyType === transactionKey)
      throw new KafkaError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'transactions are not served here yet')
    if (keyType !== groupKey)
      throw new KafkaError('INVALID_REQUEST', `there are no coordinators of the type ${keyType}`)
    await broker.makeOffsetsTopic()
    const leader = broker.view.partition(offsetsTopic, broker.groups.partitionFor(key))?.leader ?? -1
    const node = broker.nodes(listenerName).find(({ nodeId }) => nodeId === leader)
    if (node === undefined)
      throw new KafkaError('COORDINATOR_NOT_AVAILABLE', `nobody leads the partition of the group '${key}'`)
    const { nodeId, host, port } = node
    return { key, nodeId, host, port, errorCode: errorCodes.NONE, errorMessage: '' }
  } catch (error) {
    const { errorCode, errorMessage } = stateError(error)
    // Whoever looks for a coordinator knows nothing of controllers.
    const isElsewhere = errorCode === errorCodes.NOT_CONTROLLER
    return nowhere(key, isElsewhere ? errorCodes.COORDINATOR_NOT_AVAILABLE : errorCode, errorMessage)
  }
}

function nowhere(key: string, errorCode: number, errorMessage: string): Coordinator {
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage }
}
