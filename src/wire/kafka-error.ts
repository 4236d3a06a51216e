import { TidemarkError } from '../base/errors.ts'
import { errorCodes, isRetriable } from './error-codes.ts'

/** The name of an error of Kafka's protocol, such as `TOPIC_ALREADY_EXISTS`. */
export type KafkaErrorName = keyof typeof errorCodes

/** Something that Kafka's protocol has an error code for. The message is what a client may be shown. */
export class KafkaError extends TidemarkError {
  readonly code = 'ERR_KAFKA'
  readonly kafkaName: KafkaErrorName
  readonly kafkaCode: number
  override readonly retriable: boolean

  constructor(kafkaName: KafkaErrorName, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kafkaName = kafkaName
    this.kafkaCode = errorCodes[kafkaName]
    this.retriable = isRetriable(this.kafkaCode)
  }
}
