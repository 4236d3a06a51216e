import { array, bool, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for configs of topics, brokers and groups (KIP-133). */
export const describeConfigsRequest = request(32, 'DescribeConfigsRequest', '1-4, flexible 4+', {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configurationKeys: array(string()).nullable(),
  }),
  includeSynonyms: bool().default(false),
  includeDocumentation: bool().since(3).default(false),
})

/** The answer to {@link describeConfigsRequest}. */
export const describeConfigsResponse = response(32, 'DescribeConfigsResponse', '1-4, flexible 4+', {
  throttleTimeMs: int32(),
  results: array({
    errorCode: int16(),
    errorMessage: string().nullable(),
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      value: string().nullable(),
      readOnly: bool(),
      configSource: int8().ignorable().default(-1),
      isSensitive: bool(),
      synonyms: array({
        name: string(),
        value: string().nullable(),
        source: int8(),
      }).ignorable(),
      configType: int8().since(3).ignorable().default(0),
      documentation: string().nullable().since(3).ignorable(),
    }),
  }),
})

/** The request, decoded. */
export type DescribeConfigsRequest = Decoded<typeof describeConfigsRequest>
/** The request, to be encoded. */
export type DescribeConfigsRequestInput = Encodable<typeof describeConfigsRequest>

/** The response, decoded. */
export type DescribeConfigsResponse = Decoded<typeof describeConfigsResponse>
/** The response, to be encoded. */
export type DescribeConfigsResponseInput = Encodable<typeof describeConfigsResponse>
