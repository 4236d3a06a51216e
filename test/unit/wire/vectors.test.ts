import { describe, expect, test } from 'vitest'
import { declaredMessages } from './declared-messages.ts'
import { vectors } from './kafka-facts.ts'
import { fromKafkaJson, inputFromKafkaJson } from './kafka-json.ts'

/** Every message in every version against the bytes that Kafka's own classes make of it. */

const all = vectors()

describe('the bytes of Apache Kafka', () => {
  for (const [name, message] of declaredMessages)
    test(name, () => {
      const own = all.filter((vector) => vector.message === name)
      expect(own.length).toBeGreaterThan(0)
      for (const { version, variant, value, hex } of own) {
        const of = `${name} v${version} ${variant}`
        const bytes = Buffer.from(hex, 'hex')
        const isKey = name.endsWith('Key')
        const codec = message.at(isKey ? message.minVersion : version)
        const decoded = codec.decode(bytes)
        expect(decoded, of).toEqual(fromKafkaJson(message.fields, value, decoded))
        expect(codec.encode(decoded as never).toString('hex'), of).toBe(hex)
        const input = inputFromKafkaJson(message.fields, value, decoded)
        expect(codec.encode(input as never).toString('hex'), of).toBe(hex)
      }
    })
})
