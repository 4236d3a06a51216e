import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { handlers } from '../../../src/broker/handlers.ts'
import { apiKeys, apiOf } from '../../../src/wire/api-keys.ts'
import { apiVersionsRequest } from '../../../src/wire/messages/18-api-versions.ts'

/** The document that says what is served, held against what is. */

const text = readFileSync(new URL('../../../src/broker/SKIPPED.md', import.meta.url), 'utf8')

interface Row {
  readonly key: number
  readonly name: string
  readonly served: string
  readonly note: string
}

const rows: readonly Row[] = [...text.matchAll(/^\| +(\d+) \| (\w+) +\| (\S+) +\| (.*?) *\|$/gm)].map(
  ([, key, name = '', served = '', note = '']) => ({ key: Number(key), name, served, note }),
)

/** What is answered without a handler of the broker: by the server, with all that it knows. */
const serverRanges = new Map([[apiVersionsRequest.apiKey, apiVersionsRequest]])

test('every API has its row, by its name', () => {
  const lastKey = Math.max(...apiKeys.map(({ key }) => key))
  expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: lastKey + 1 }, (_, key) => key))
  // What Kafka has removed has no name here any more.
  const misnamed = rows.filter(({ key, name }) => name !== (apiOf(key)?.name ?? name))
  expect(misnamed).toEqual([])
})

test('the versions are those that are served', () => {
  const actual = rows.map(({ key }) => {
    const range = handlers.get(key) ?? serverRanges.get(key)
    return range === undefined ? 'no' : `${range.minVersion}-${range.maxVersion}`
  })
  expect(rows.map(({ served }) => served)).toEqual(actual)
})

test('what is not served, or not in all versions, says why', () => {
  const unexplained = rows.filter(({ key, served, note }) => {
    const message = apiOf(key)?.request
    return note === '' && served !== `${message?.minVersion}-${message?.maxVersion}`
  })
  expect(unexplained).toEqual([])
})
