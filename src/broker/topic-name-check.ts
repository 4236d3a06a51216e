import { validTopicName } from '../log/file-names.ts'
import { KafkaError } from '../wire/kafka-error.ts'

/** @throws KafkaError INVALID_TOPIC_EXCEPTION for what no topic can be named, however long one looks for it */
export function mustBeTopicName(name: string): void {
  if (!validTopicName(name))
    throw new KafkaError('INVALID_TOPIC_EXCEPTION', `'${name}' is no name that a topic can have`)
}
