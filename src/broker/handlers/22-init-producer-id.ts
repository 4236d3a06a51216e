import { errorCodes } from '../../wire/error-codes.ts'
import { initProducerIdRequest, initProducerIdResponse } from '../../wire/messages/22-init-producer-id.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

/** Gives idempotent producers their ids. Transactional ones are told that there is no coordinator for them yet. */
export const initProducerId = handler(
  { request: initProducerIdRequest, response: initProducerIdResponse, maxVersion: 5 },
  async (broker, { transactionalId, producerId: given, producerEpoch }) => {
    const none = { throttleTimeMs: 0, producerId: -1, producerEpoch: -1 }
    const isHalfGiven = (given === -1) !== (producerEpoch === -1)
    if (transactionalId === '' || isHalfGiven) return { ...none, errorCode: errorCodes.INVALID_REQUEST }
    if (transactionalId !== null)
      return { ...none, errorCode: errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    try {
      const producerId = await broker.producerIds.next()
      return { throttleTimeMs: 0, errorCode: errorCodes.NONE, producerId, producerEpoch: 0 }
    } catch (error) {
      return { ...none, errorCode: stateError(error).errorCode }
    }
  },
)
