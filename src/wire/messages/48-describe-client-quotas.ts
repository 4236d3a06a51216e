import { array, bool, float64, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for client quotas (KIP-546). */
export const describeClientQuotasRequest = request(48, 'DescribeClientQuotasRequest', '0-1, flexible 1+', {
  components: array({
    entityType: string(),
    matchType: int8(),
    match: string().nullable(),
  }),
  strict: bool(),
})

/** The answer to {@link describeClientQuotasRequest}. */
export const describeClientQuotasResponse = response(48, 'DescribeClientQuotasResponse', '0-1, flexible 1+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable(),
  entries: array({
    entity: array({
      entityType: string(),
      entityName: string().nullable(),
    }),
    values: array({
      key: string(),
      value: float64(),
    }),
  }).nullable(),
})

/** The request, decoded. */
export type DescribeClientQuotasRequest = Decoded<typeof describeClientQuotasRequest>
/** The request, to be encoded. */
export type DescribeClientQuotasRequestInput = Encodable<typeof describeClientQuotasRequest>

/** The response, decoded. */
export type DescribeClientQuotasResponse = Decoded<typeof describeClientQuotasResponse>
/** The response, to be encoded. */
export type DescribeClientQuotasResponseInput = Encodable<typeof describeClientQuotasResponse>
