import { apiOf } from '../../src/wire/api-keys.ts'
import { decodeRequestHeader, decodeResponseHeader } from '../../src/wire/headers.ts'
import type { MessageCodec } from '../../src/wire/message.ts'
import { declaredMessages } from '../unit/wire/declared-messages.ts'
import { framePairs, vectors } from '../unit/wire/kafka-facts.ts'

/** A good message that others are made from, and what it is to be decoded with. */
export interface CorpusEntry {
  readonly label: string
  readonly bytes: Buffer
  readonly codec: MessageCodec<unknown, never>
}

/** Every vector of Kafka's, and the bodies of all frames that were recorded. */
export function corpus(): CorpusEntry[] {
  return [...vectorEntries(), ...frameEntries()]
}

function* vectorEntries(): Generator<CorpusEntry> {
  for (const { message: name, version, hex } of vectors()) {
    const message = declaredMessages.get(name)
    if (message === undefined) continue
    // The version of a coordinator's key stands in front of it, and is not that of Kafka's file.
    const codec = message.at(message.has(version) ? version : message.minVersion)
    yield { label: `${name} v${version}`, bytes: Buffer.from(hex, 'hex'), codec }
  }
}

function* frameEntries(): Generator<CorpusEntry> {
  for (const { client, apiKey, apiVersion, request, response } of framePairs()) {
    const api = apiOf(apiKey)
    if (api?.request.has(apiVersion) !== true) continue
    const frames = [Buffer.from(request, 'hex'), Buffer.from(response, 'hex')] as const
    const bodies = [
      frames[0].subarray(decodeRequestHeader(frames[0]).bodyPosition),
      frames[1].subarray(decodeResponseHeader(frames[1], apiKey, apiVersion).bodyPosition),
    ] as const
    const label = `${api.name} v${apiVersion} of ${client}`
    yield { label: `request ${label}`, bytes: bodies[0], codec: api.request.at(apiVersion) }
    yield { label: `response ${label}`, bytes: bodies[1], codec: api.response.at(apiVersion) }
  }
}
