import { array, bool, float64, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Sets and removes client quotas (KIP-546). */
export const alterClientQuotasRequest = request(49, 'AlterClientQuotasRequest', '0-1, flexible 1+', {
  entries: array({
    entity: array({
      entityType: string(),
      entityName: string().nullable(),
    }),
    ops: array({
      key: string(),
      value: float64(),
      remove: bool(),
    }),
  }),
  validateOnly: bool(),
})

/** The answer to {@link alterClientQuotasRequest}. */
export const alterClientQuotasResponse = response(49, 'AlterClientQuotasResponse', '0-1, flexible 1+', {
  throttleTimeMs: int32(),
  entries: array({
    errorCode: int16(),
    errorMessage: string().nullable(),
    entity: array({
      entityType: string(),
      entityName: string().nullable(),
    }),
  }),
})

/** The request, decoded. */
export type AlterClientQuotasRequest = Decoded<typeof alterClientQuotasRequest>
/** The request, to be encoded. */
export type AlterClientQuotasRequestInput = Encodable<typeof alterClientQuotasRequest>

/** The response, decoded. */
export type AlterClientQuotasResponse = Decoded<typeof alterClientQuotasResponse>
/** The response, to be encoded. */
export type AlterClientQuotasResponseInput = Encodable<typeof alterClientQuotasResponse>
