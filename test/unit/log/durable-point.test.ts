import { describe, expect, test } from 'vitest'
import { type DurablePoint, DurablePointStore } from '../../../src/log/durable-point.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { appendEach, bytesOf, directory, flip, open, putFile, stillWorld } from './log-setup.ts'

const name = 'tidemark-durable-point'
const point: DurablePoint = { offset: 2 ** 40, baseOffset: 2 ** 39, sizeBytes: 2 ** 30 }

function stored(env = stillWorld().env) {
  env.files.makeDirectorySync(directory)
  const files = faultyFiles(env.files)
  return { env, files, store: new DurablePointStore(new FilePool(files, 8), directory) }
}

const load = (env: ReturnType<typeof stillWorld>['env']) => DurablePointStore.load(env.files, directory)

test('a point is found again', () => {
  const { env, store } = stored()
  expect(load(env)).toBeUndefined()
  store.store(point)
  expect(load(env)).toEqual(point)
  store.store({ offset: 5, baseOffset: 0, sizeBytes: 500 })
  expect(load(env)).toEqual({ offset: 5, baseOffset: 0, sizeBytes: 500 })
  expect(bytesOf(env, name)).toHaveLength(32)
})

test('a point stored durably is there after a power cut, one that was only stored may be', () => {
  const { env, store } = stored()
  store.storeDurably(point)
  for (const path of ['/', '/data', directory]) env.files.syncDirectorySync(path)
  store.store({ ...point, offset: point.offset + 1 })
  const after = env.crash()
  expect(DurablePointStore.load(after.files, directory)).toEqual(point)
})

describe('counts for nothing', () => {
  test.each([[0], [1], [31], [33], [5000]])('when it takes %d bytes', (length) => {
    const { env } = stored()
    putFile(env, name, Buffer.alloc(length))
    expect(load(env)).toBeUndefined()
  })

  test('when it is all zeros', () => {
    const { env } = stored()
    putFile(env, name, Buffer.alloc(32))
    expect(load(env)).toBeUndefined()
  })

  test('when any bit of it has flipped', () => {
    const { env, store } = stored()
    store.store(point)
    for (let position = 0; position < 32; position++) {
      flip(env, name, position)
      expect(load(env)).toBeUndefined()
      flip(env, name, position)
      expect(load(env)).toEqual(point)
    }
  })
})

test('one that cannot be written harms nothing when it moves on, and is told when it moves back', () => {
  const { env, files, store } = stored()
  store.store(point)
  files.use([{ kind: 'write', fault: 'EIO', times: 2 }])
  store.store({ ...point, offset: point.offset + 1 })
  expect(load(env)).toEqual(point)
  expect(() => store.storeDurably(point)).toThrow('EIO')
})

test('a log without it, or with a strange one, is scanned and whole', async () => {
  for (const content of [undefined, Buffer.alloc(0), Buffer.alloc(10_000, 7)]) {
    const { env } = stillWorld()
    await appendEach(await open({ env }), 'a', 'b')
    const after = env.kill()
    if (content === undefined) after.files.removeSync(`${directory}/${name}`)
    else putFile(after, name, content)
    const log = await open({ env: after })
    expect(log.recovery).toMatchObject({ scannedSegments: 1, endOffset: 2 })
    expect(load(after)).toMatchObject({ offset: 2 })
  }
})
