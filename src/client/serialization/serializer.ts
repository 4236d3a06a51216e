import type { Bytes } from '../../batch/record-input.ts'
import { type FormatReading, type FormatWriting, formatOf } from './formats.ts'
import { choosePerTopic, type PerTopic } from './per-topic.ts'

/** What is to be turned into bytes, or read from them. */
export interface SerializationContext {
  readonly topic: string
  readonly part: 'key' | 'value'
}

/** Makes the bytes of a key or value; null for none. It is not called for null and undefined, which have no bytes. */
export type Serializer<T> = (value: T, context: SerializationContext) => Bytes | null

/** Reads a key or value. It is not called for null. The bytes may be a slice of a larger buffer. */
export type Deserializer<T> = (bytes: Buffer, context: SerializationContext) => T

/**
 * How keys or values are written: a format by its name, a function, or one of them per topic. A name must fit the type:
 * `producer<string, Order>({ key: 'string', value: 'json' })`.
 */
export type SerializerOption<T> =
  | FormatWriting<T>
  | Serializer<T>
  | PerTopic<FormatWriting<T> | Serializer<T>>

/**
 * How keys or values are read: a format by its name, a function, or one of them per topic. A name must fit the type:
 * `consumer<string, Order>({ key: 'string', value: 'json' })`.
 */
export type DeserializerOption<T> =
  | FormatReading<T>
  | Deserializer<T>
  | PerTopic<FormatReading<T> | Deserializer<T>>

/**
 * The serializer that `option` stands for; `undefined` stands for `bytes`.
 *
 * @throws TypeError when it stands for none
 */
export function resolveSerializer<T>(
  option: SerializerOption<T> | undefined,
  optionName: string,
): Serializer<T> {
  return choosePerTopic<Serializer<T>>(option, optionName, (name) => formatOf(name)?.serialize)
}

/**
 * The deserializer that `option` stands for; `undefined` stands for `bytes`.
 *
 * @throws TypeError when it stands for none
 */
export function resolveDeserializer<T>(
  option: DeserializerOption<T> | undefined,
  optionName: string,
): Deserializer<T> {
  // A format reads what its name says; that this is T is the word of who names it.
  return choosePerTopic<Deserializer<T>>(
    option,
    optionName,
    (name) => formatOf(name)?.deserialize as Deserializer<T> | undefined,
  )
}
