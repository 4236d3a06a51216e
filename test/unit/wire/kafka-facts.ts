import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { projectRoot } from '../../torture/project-root.ts'

/** What Apache Kafka 4.3.1 itself says of its protocol; `data/wire/README.md` tells how it was made. */

const directory = join(projectRoot, 'data/wire')

/** A field as Kafka's own message files have it. */
export interface FieldFact {
  readonly name: string
  /** `int32`, `[]string`, `[]PartitionData`, `Cursor`. */
  readonly type: string
  readonly versions?: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number
  readonly ignorable?: boolean
  readonly default?: string | number | boolean | null
  readonly fields?: readonly FieldFact[]
}

/** A message as Kafka's own message files have it. */
export interface MessageFact {
  readonly name: string
  readonly type: string
  readonly apiKey?: number
  readonly validVersions: string
  readonly flexibleVersions?: string
  readonly fields: readonly FieldFact[]
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly FieldFact[] }[]
}

/** A message that Kafka's generated classes have serialized. */
export interface Vector {
  readonly message: string
  readonly version: number
  readonly variant: string
  readonly value: unknown
  readonly hex: string
}

/** What a client and a broker have said to each other: hex of frames without their lengths. */
export interface FramePair {
  readonly client: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly request: string
  readonly response: string
}

export interface ProtocolFacts {
  readonly errors: readonly { readonly code: number; readonly name: string; readonly retriable: boolean }[]
  readonly apiKeys: readonly {
    readonly key: number
    readonly name: string
    /** `3-13`; `0--1` for an API of which no version is left. */
    readonly versions: string
    readonly stable: string
  }[]
}

/** All messages and records, by name. */
export function messageFacts(): ReadonlyMap<string, MessageFact> {
  const groups = JSON.parse(text('messages-4.3.1.json.gz')) as Record<string, Record<string, MessageFact>>
  return new Map(Object.values(groups).flatMap((group) => Object.entries(group)))
}

export function vectors(): Vector[] {
  return lines('message-vectors-4.3.1.ndjson.gz') as Vector[]
}

export function framePairs(): FramePair[] {
  return lines('frames.ndjson.gz') as FramePair[]
}

export function protocolFacts(): ProtocolFacts {
  return JSON.parse(text('protocol-facts-4.3.1.json')) as ProtocolFacts
}

function lines(name: string): unknown[] {
  return text(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

function text(name: string): string {
  const bytes = readFileSync(join(directory, name))
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}
