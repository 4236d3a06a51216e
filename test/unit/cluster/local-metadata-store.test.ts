import { expect, test } from 'vitest'
import { CorruptionError } from '../../../src/base/errors.ts'
import { LocalMetadataStore } from '../../../src/cluster/local-metadata-store.ts'
import { openLog } from '../../../src/log/log.ts'
import { type MemoryEnv, memoryEnv } from '../../../src/testing/memory-env.ts'
import { describeMetadataStore } from './metadata-store-contract.ts'

const directory = '/data/__tidemark_metadata-0'

function openStore(env: MemoryEnv): Promise<LocalMetadataStore> {
  return LocalMetadataStore.open(directory, env)
}

describeMetadataStore('the local store', () => {
  const env = memoryEnv({ seed: 1 })
  return { open: () => openStore(env) }
})

test('what was committed survives a power cut', async () => {
  const env = memoryEnv({ seed: 1 })
  const store = await openStore(env)
  await store.commit([
    { op: 'create', key: '/a', value: '1' },
    { op: 'create', key: '/b', value: '2' },
  ])
  await using after = await openStore(env.crash())
  expect((await after.list('/')).map(({ key, value }) => [key, value])).toEqual([
    ['/a', '1'],
    ['/b', '2'],
  ])
})

test('a log that is mostly history is written anew, and says the same', async () => {
  const env = memoryEnv({ seed: 1 })
  const store = await openStore(env)
  await store.commit([
    { op: 'create', key: '/n', value: '0' },
    { op: 'create', key: '/other', value: 'kept' },
  ])
  const many = Array.from({ length: 11_000 }, (_, value) => ({
    op: 'set' as const,
    key: '/n',
    value: String(value),
  }))
  for (let at = 0; at < many.length; at++) await store.commit(many.slice(at, at + 1))
  await store.close()
  await (await openStore(env)).close()
  await using log = await openLog(directory, { env })
  expect(log.endOffset - log.startOffset).toBe(2)
  await log.close()
  await using again = await openStore(env)
  expect((await again.list('/')).map(({ key, value, version }) => [key, value, version])).toEqual([
    ['/n', '10999', 11_000],
    ['/other', 'kept', 0],
  ])
})

test('a record that is no metadata is refused', async () => {
  const env = memoryEnv({ seed: 1 })
  const log = await openLog(directory, { env })
  await log.append({ key: '/a', value: 'no JSON' })
  await log.close()
  await expect(openStore(env)).rejects.toThrow(CorruptionError)
})
