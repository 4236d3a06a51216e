import { describe, expect, test } from 'vitest'
import { MetadataConflictError } from '../../../src/base/errors.ts'
import type { MetadataChange, MetadataStore } from '../../../src/cluster/metadata-store.ts'

/** A store that can be opened again, as another session, over what it has kept. */
export interface StoreUnderTest {
  open(): Promise<MetadataStore>
}

/** What every metadata store does, whatever keeps it. */
export function describeMetadataStore(name: string, make: () => StoreUnderTest): void {
  describe(`${name} as a metadata store`, () => {
    test('an entry counts its versions from 0', async () => {
      await using store = await make().open()
      await store.commit([{ op: 'create', key: '/a', value: 'one' }])
      expect(await store.get('/a')).toMatchObject({ key: '/a', value: 'one', version: 0 })
      const [set] = await store.commit([{ op: 'set', key: '/a', value: 'two' }])
      expect(set).toMatchObject({ value: 'two', version: 1 })
      expect(await store.get('/b')).toBeUndefined()
    })

    test('entries are listed by prefix, in the order of their keys', async () => {
      await using store = await make().open()
      await store.commit([
        { op: 'create', key: '/t/b', value: '2' },
        { op: 'create', key: '/t/a', value: '1' },
        { op: 'create', key: '/u', value: '3' },
      ])
      expect((await store.list('/t/')).map(({ key }) => key)).toEqual(['/t/a', '/t/b'])
    })

    test('a commit happens whole or not at all', async () => {
      await using store = await make().open()
      await store.commit([{ op: 'create', key: '/a', value: '1' }])
      const commit = store.commit([
        { op: 'set', key: '/a', value: '2' },
        { op: 'create', key: '/b', value: '1' },
        { op: 'create', key: '/a', value: '3' },
      ])
      await expect(commit).rejects.toThrow(MetadataConflictError)
      expect(await store.get('/a')).toMatchObject({ value: '1', version: 0 })
      expect(await store.get('/b')).toBeUndefined()
    })

    test.each([
      ['a key that is taken', { op: 'create', key: '/a', value: 'x' }, 'exists already'],
      ['a key that is not there', { op: 'set', key: '/none', value: 'x' }, 'does not exist'],
      ['another version to set', { op: 'set', key: '/a', value: 'x', version: 7 }, 'version 0, not 7'],
      ['another version to delete', { op: 'delete', key: '/a', version: 7 }, 'version 0, not 7'],
      ['another version to check', { op: 'check', key: '/a', version: 1 }, 'version 0, not 1'],
    ] as const)('%s is a conflict', async (_, operation, reason) => {
      await using store = await make().open()
      await store.commit([{ op: 'create', key: '/a', value: '1' }])
      await expect(store.commit([operation])).rejects.toThrow(reason)
    })

    test('each operation of a commit sees what those before it did', async () => {
      await using store = await make().open()
      const results = await store.commit([
        { op: 'create', key: '/a', value: '1' },
        { op: 'set', key: '/a', value: '2', version: 0 },
        { op: 'delete', key: '/a', version: 1 },
        { op: 'create', key: '/a', value: '3' },
      ])
      expect(results.map((entry) => entry?.value)).toEqual(['1', '2', undefined, '3'])
      expect(await store.get('/a')).toMatchObject({ value: '3', version: 0 })
    })

    test('watchers see every change, in order, until they stop', async () => {
      await using store = await make().open()
      const seen: (readonly MetadataChange[])[] = []
      const stop = store.watch((changes) => seen.push(changes))
      await store.commit([
        { op: 'create', key: '/a', value: '1' },
        { op: 'create', key: '/b', value: '1' },
      ])
      await store.commit([{ op: 'delete', key: '/a' }])
      stop()
      await store.commit([{ op: 'delete', key: '/b' }])
      expect(seen.map((changes) => changes.map(({ key, entry }) => [key, entry?.value]))).toEqual([
        [
          ['/a', '1'],
          ['/b', '1'],
        ],
        [['/a', undefined]],
      ])
    })

    test('what was committed outlives the session, but for ephemeral entries', async () => {
      const tested = make()
      const first = await tested.open()
      await first.commit([
        { op: 'create', key: '/lasting', value: '1' },
        { op: 'create', key: '/passing', value: '1', ephemeral: true },
      ])
      await first.commit([{ op: 'set', key: '/lasting', value: '2' }])
      await first.close()
      await using second = await tested.open()
      expect(await second.get('/lasting')).toMatchObject({ value: '2', version: 1 })
      expect(await second.get('/passing')).toBeUndefined()
    })

    test('commits made at once are made one after the other', async () => {
      await using store = await make().open()
      await store.commit([{ op: 'create', key: '/n', value: '' }])
      const commits = Array.from({ length: 20 }, () => store.commit([{ op: 'set', key: '/n', value: 'x' }]))
      await Promise.all(commits)
      expect(await store.get('/n')).toMatchObject({ version: 20 })
    })
  })
}
