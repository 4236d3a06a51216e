import { array, bool, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Sets, deletes, extends or shortens single configs of resources (KIP-339). */
export const incrementalAlterConfigsRequest = request(
  44,
  'IncrementalAlterConfigsRequest',
  '0-1, flexible 1+',
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        configOperation: int8(),
        value: string().nullable(),
      }),
    }),
    validateOnly: bool(),
  },
)

/** The answer to {@link incrementalAlterConfigsRequest}. */
export const incrementalAlterConfigsResponse = response(
  44,
  'IncrementalAlterConfigsResponse',
  '0-1, flexible 1+',
  {
    throttleTimeMs: int32(),
    responses: array({
      errorCode: int16(),
      errorMessage: string().nullable(),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
)

/** The request, decoded. */
export type IncrementalAlterConfigsRequest = Decoded<typeof incrementalAlterConfigsRequest>
/** The request, to be encoded. */
export type IncrementalAlterConfigsRequestInput = Encodable<typeof incrementalAlterConfigsRequest>

/** The response, decoded. */
export type IncrementalAlterConfigsResponse = Decoded<typeof incrementalAlterConfigsResponse>
/** The response, to be encoded. */
export type IncrementalAlterConfigsResponseInput = Encodable<typeof incrementalAlterConfigsResponse>
