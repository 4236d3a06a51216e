import { describe, expect, test } from 'vitest'
import type { OpenMode } from '../../../src/env/env.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { range } from './log-setup.ts'

/** A pool over files named `/log/0` and so on, with a count of the calls that reach them. */
function pooled(limit: number) {
  const memory = new MemoryFiles()
  memory.makeDirectorySync('/log')
  for (const index of range(0, 20)) {
    const file = memory.openSync(path(index), 'write')
    file.writevSync([Buffer.from([index])], 0)
    file.closeSync()
  }
  const files = faultyFiles(memory)
  return { files, pool: new FilePool(files, limit) }
}

const path = (index: number) => `/log/${index}`

function byteOf(pool: FilePool, index: number, mode: OpenMode = 'read'): number | undefined {
  const byte = Buffer.alloc(1)
  pool.get(path(index), mode).readSync(byte, 0, 1, 0)
  return byte[0]
}

test('a file is opened once as long as it is used', () => {
  const { files, pool } = pooled(4)
  for (let time = 0; time < 5; time++)
    for (const index of range(0, 4)) expect(byteOf(pool, index)).toBe(index)
  expect(files.count('open')).toBe(4)
  expect(files.count('close')).toBe(0)
})

test('never more files are open than the limit, and the one used least lately is closed for the next', () => {
  const { files, pool } = pooled(4)
  for (const index of range(0, 20)) {
    byteOf(pool, 0)
    expect(byteOf(pool, index)).toBe(index)
    expect(pool.openCount).toBeLessThanOrEqual(4)
  }
  expect(files.count('open')).toBe(20)
  byteOf(pool, 0)
  expect(files.count('open')).toBe(20)
})

test('a file opened to be read is opened again to be written, and serves both then', () => {
  const { files, pool } = pooled(4)
  byteOf(pool, 1)
  pool.get(path(1), 'write').writevSync([Buffer.from([99])], 0)
  expect(byteOf(pool, 1)).toBe(99)
  expect([files.count('open'), files.count('close')]).toEqual([2, 1])
})

test('a file that is missing is created to be written only', () => {
  const { pool } = pooled(4)
  expect(() => pool.get('/log/new')).toThrow('ENOENT')
  expect(pool.openCount).toBe(0)
  pool.get('/log/new', 'write')
  expect(pool.openCount).toBe(1)
})

describe('a pinned file', () => {
  test('stays open, even beyond the limit', () => {
    const { pool } = pooled(2)
    const pins = range(0, 4).map((index) => pool.pin(path(index)))
    expect(pool.openCount).toBe(4)
    const byte = Buffer.alloc(1)
    for (const [index, { file }] of pins.entries()) {
      expect(file.readSync(byte, 0, 1, 0)).toBe(1)
      expect(byte[0]).toBe(index)
    }
    for (const pin of pins) pin.release()
    byteOf(pool, 9)
    expect(pool.openCount).toBe(2)
  })

  test('that is dropped is closed with its last pin', () => {
    const { files, pool } = pooled(4)
    const [one, two] = [pool.pin(path(1)), pool.pin(path(1))]
    expect(one.file).toBe(two.file)
    pool.drop(path(1))
    expect(pool.openCount).toBe(0)
    one.release()
    one.release()
    expect(files.count('close')).toBe(0)
    expect(two.file.readSync(Buffer.alloc(1), 0, 1, 0)).toBe(1)
    two.release()
    expect(files.count('close')).toBe(1)
    expect(() => two.file.readSync(Buffer.alloc(1), 0, 1, 0)).toThrow('EBADF')
  })

  test('that is opened again to be written stays as it was for who holds it', () => {
    const { files, pool } = pooled(4)
    const pin = pool.pin(path(1))
    pool.get(path(1), 'write').truncateSync(0)
    expect(pin.file.sizeSync()).toBe(0)
    pin.release()
    expect(files.count('close')).toBe(1)
  })
})

test('a directory is let go as a whole', () => {
  const { files, pool } = pooled(9)
  files.makeDirectorySync('/log-2')
  pool.get('/log-2/0', 'write')
  for (const index of range(0, 5)) byteOf(pool, index)
  pool.dropDirectory('/log')
  expect(pool.openCount).toBe(1)
  expect(files.count('close')).toBe(5)
  pool.drop('/log/never-opened')
})

test('a file that cannot be opened leaves the pool as it was', () => {
  const { files, pool } = pooled(2)
  byteOf(pool, 1)
  files.use([{ kind: 'open', fault: 'EMFILE' }])
  expect(() => pool.get(path(2))).toThrow('EMFILE')
  expect(pool.openCount).toBe(1)
  expect(byteOf(pool, 2)).toBe(2)
})
