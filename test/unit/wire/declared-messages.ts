import type { AnyMessage } from '../../../src/wire/api-keys.ts'
import { Message } from '../../../src/wire/message.ts'
import * as protocol from '../../../src/wire/public.ts'

const exported: readonly unknown[] = Object.values(protocol)

/** Everything that is declared and exported: requests, responses and records, by Kafka's names. */
export const declaredMessages: ReadonlyMap<string, AnyMessage> = new Map(
  exported
    .filter((each): each is AnyMessage => each instanceof Message)
    .map((message) => [message.name, message]),
)
