import { WireError } from '../base/errors.ts'
import type { Codec } from './codec.ts'
import { type Completion, completionOf, type KeepRecords } from './completion.ts'
import { fieldsCodec } from './field-codec.ts'
import type { Fields, InputOf, ValueOf } from './field.ts'
import { Reader } from './reader.ts'
import { WireFault } from './wire-fault.ts'
import { Writer } from './writer.ts'

/** Turns one version of a message into bytes and back. */
export interface MessageCodec<Value, Input> {
  /**
   * The message that begins at `position` (default 0). What follows it is not looked at. `bytes` and `records` fields are
   * slices of `bytes`.
   *
   * @throws WireError when the bytes are no such message
   */
  decode(bytes: Buffer, position?: number): Value
  /**
   * The bytes of the message.
   *
   * @throws WireError when a value has no form in this version
   */
  encode(message: Input): Buffer
  /**
   * The same in pieces, to be sent one after the other. `bytes` and `records` fields of 1 KiB and more are not copied but
   * are pieces of their own, and must not change until they are sent.
   *
   * @throws WireError as `encode` does
   */
  encodeChunks(message: Input): Buffer[]
  /**
   * What `decode` would make of what `encode` makes of the message, without either: for those who pass messages on within
   * the process. Bytes fields are the same Buffers, those of records what `keepRecords` makes of them. By default the
   * same, too.
   *
   * @throws WireError as `encode` does
   */
  complete(message: Input, keepRecords?: KeepRecords): Value
}

type VersionRange = `${number}` | `${number}-${number}`
/**
 * The versions of a message as Kafka writes ranges, first and last, and from which on they have compact lengths and
 * tagged fields (KIP-482): `'3-13, flexible 9+'`, `'0-1'`, `'1'`.
 */
export type MessageVersions = VersionRange | `${VersionRange}, flexible ${number}+`

/** A message of Kafka's protocol, in all its versions. */
export class Message<Value, Input> {
  /** Kafka's name of it. */
  readonly name: string
  /** The API that it belongs to, or -1 for data that is embedded elsewhere. */
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
  /** First version with compact lengths and tagged fields (KIP-482); infinite for none. */
  readonly flexibleSinceVersion: number
  readonly fields: Fields
  readonly #codecs: (MessageCodec<Value, Input> | undefined)[] = []

  constructor(apiKey: number, name: string, versions: MessageVersions, fields: Fields) {
    const [range = '', flexible] = versions.split(', flexible ')
    const [first, last = first] = range.split('-')
    this.apiKey = apiKey
    this.name = name
    this.minVersion = Number(first)
    this.maxVersion = Number(last)
    this.flexibleSinceVersion = flexible === undefined ? Infinity : Number.parseInt(flexible, 10)
    this.fields = fields
  }

  /** Whether there is such a version of the message. */
  has(version: number): boolean {
    return Number.isInteger(version) && version >= this.minVersion && version <= this.maxVersion
  }

  /** Whether `version` has compact lengths and tagged fields. True also of later versions than are known. */
  isFlexible(version: number): boolean {
    return version >= this.flexibleSinceVersion
  }

  /**
   * What reads and writes `version`. It is made on the first call and kept.
   *
   * @throws WireError if there is no such version
   */
  at(version: number): MessageCodec<Value, Input> {
    return this.#codecs[version] ?? this.#compile(version)
  }

  #compile(version: number): MessageCodec<Value, Input> {
    if (!this.has(version)) {
      const known = `${this.minVersion} to ${this.maxVersion}`
      throw new WireError(this.name, version, '', `there is no such version; those from ${known} are known`)
    }
    const edition = { version, isFlexible: this.isFlexible(version) }
    const codec = fieldsCodec(this.fields, edition)
    // Few messages are passed on within the process: this is made only for those.
    let completion: Completion | undefined
    const completions = () => (completion ??= completionOf(this.fields, edition))
    const compiled = messageCodec<Value, Input>(this.name, version, codec, completions)
    this.#codecs[version] = compiled
    return compiled
  }
}

/** Declares the request of an API. */
export function request<const F extends Fields>(
  apiKey: number,
  name: `${string}Request`,
  versions: MessageVersions,
  fields: F,
): Message<ValueOf<F>, InputOf<F>> {
  return new Message(apiKey, name, versions, fields)
}

/** Declares the response of an API. */
export function response<const F extends Fields>(
  apiKey: number,
  name: `${string}Response`,
  versions: MessageVersions,
  fields: F,
): Message<ValueOf<F>, InputOf<F>> {
  return new Message(apiKey, name, versions, fields)
}

/** Declares data that is stored, or embedded in a `bytes` field, behind its version. */
export function data<const F extends Fields>(
  name: string,
  versions: MessageVersions,
  fields: F,
): Message<ValueOf<F>, InputOf<F>> {
  return new Message(-1, name, versions, fields)
}

/** What decoding the message yields: `Decoded<typeof fetchRequest>`. */
export type Decoded<M> = M extends Message<infer Value, never> ? Value : never
/** What encoding the message takes: `Encodable<typeof fetchRequest>`. */
export type Encodable<M> = M extends Message<unknown, infer Input> ? Input : never

/** Kept between messages, and lent to one at a time: encoding runs to its end without a pause. */
const spareWriters: Writer[] = []

function messageCodec<Value, Input>(
  name: string,
  version: number,
  codec: Codec,
  completion: () => Completion,
): MessageCodec<Value, Input> {
  const write = <T>(message: Input, finish: (writer: Writer) => T): T => {
    // A getter of the message may itself encode something: then it gets another writer.
    const writer = spareWriters.pop() ?? new Writer()
    try {
      codec.write(writer, message)
      return finish(writer)
    } catch (error) {
      throw asWireError(error, name, version)
    } finally {
      writer.clear()
      spareWriters.push(writer)
    }
  }
  return {
    decode: (bytes, position = 0) => {
      try {
        return codec.read(new Reader(bytes, position)) as Value
      } catch (error) {
        throw asWireError(error, name, version)
      }
    },
    encode: (message) => write(message, (writer) => writer.toBuffer()),
    encodeChunks: (message) => write(message, (writer) => writer.toChunks()),
    complete: (message, keepRecords = same) => {
      try {
        return completion()(message, keepRecords) as Value
      } catch (error) {
        throw asWireError(error, name, version)
      }
    },
  }
}

function same(records: Buffer): Buffer {
  return records
}

function asWireError(error: unknown, name: string, version: number): unknown {
  return error instanceof WireFault ? new WireError(name, version, error.path, error.message) : error
}
