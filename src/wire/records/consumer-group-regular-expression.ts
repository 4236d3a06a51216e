import { array, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the topics that a regular expression of a consumer group stands for (KIP-848). */
export const consumerGroupRegularExpressionKey = data('ConsumerGroupRegularExpressionKey', '16', {
  groupId: string(),
  regularExpression: string(),
})

/** The topics that a regular expression of a consumer group stands for (KIP-848). */
export const consumerGroupRegularExpressionValue = data(
  'ConsumerGroupRegularExpressionValue',
  '0, flexible 0+',
  {
    topics: array(string()),
    version: int64(),
    timestamp: int64(),
  },
)

/** The key, decoded. */
export type ConsumerGroupRegularExpressionKey = Decoded<typeof consumerGroupRegularExpressionKey>
/** The key, to be encoded. */
export type ConsumerGroupRegularExpressionKeyInput = Encodable<typeof consumerGroupRegularExpressionKey>

/** The value, decoded. */
export type ConsumerGroupRegularExpressionValue = Decoded<typeof consumerGroupRegularExpressionValue>
/** The value, to be encoded. */
export type ConsumerGroupRegularExpressionValueInput = Encodable<typeof consumerGroupRegularExpressionValue>
