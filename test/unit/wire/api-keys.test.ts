import { describe, expect, test } from 'vitest'
import { advertised, apiKeys, apiOf } from '../../../src/wire/api-keys.ts'
import { protocolFacts } from './kafka-facts.ts'

const facts = protocolFacts().apiKeys.filter(({ versions }) => !versions.endsWith('--1'))

describe('the APIs', () => {
  test('are those of Kafka, with their versions', () => {
    expect(
      apiKeys.map(({ key, name, minVersion, maxVersion }) => [key, name, `${minVersion}-${maxVersion}`]),
    ).toEqual(facts.map(({ key, name, stable }) => [key, name, stable]))
    expect(apiKeys.map(({ request }) => `${request.minVersion}-${request.maxVersion}`)).toEqual(
      facts.map(({ versions }) => versions),
    )
  })

  test('have a request and a response of the same key and versions', () => {
    for (const { key, name, request, response } of apiKeys) {
      expect([request.name, response.name]).toEqual([`${name}Request`, `${name}Response`])
      expect([request.apiKey, response.apiKey]).toEqual([key, key])
      expect([response.minVersion, response.maxVersion]).toEqual([request.minVersion, request.maxVersion])
      expect(response.flexibleSinceVersion).toBe(request.flexibleSinceVersion)
    }
  })

  test('are found by key', () => {
    expect(apiOf(1)?.name).toBe('Fetch')
    expect(apiOf(4)).toBeUndefined()
    expect(apiOf(-1)).toBeUndefined()
  })
})

describe('what a server advertises', () => {
  test('is what its handlers serve, by key, up to the last stable version unless they say otherwise', () => {
    expect(
      advertised([
        { apiKey: 22 },
        { apiKey: 1, maxVersion: 16 },
        { apiKey: 0, minVersion: 7 },
        { apiKey: 18 },
      ]),
    ).toEqual([
      { apiKey: 0, minVersion: 7, maxVersion: 13 },
      { apiKey: 1, minVersion: 4, maxVersion: 16 },
      { apiKey: 18, minVersion: 0, maxVersion: 4 },
      { apiKey: 22, minVersion: 0, maxVersion: 5 },
    ])
  })

  test.each([
    [{ apiKey: 4 }, /no API with the key 4/],
    [{ apiKey: 0, minVersion: 2 }, /Produce has the versions 3 to 13, not 2 to 13/],
    [{ apiKey: 0, maxVersion: 14 }, /Produce has the versions 3 to 13, not 3 to 14/],
    [{ apiKey: 0, minVersion: 9, maxVersion: 8 }, /not 9 to 8/],
  ])('is refused where there is no such thing: %o', (served, message) => {
    expect(() => advertised([served])).toThrow(RangeError)
    expect(() => advertised([served])).toThrow(message)
  })

  test('is refused where two handlers serve one API', () => {
    expect(() => advertised([{ apiKey: 0 }, { apiKey: 0 }])).toThrow(/twice/)
  })
})
