import { describe, expect, test } from 'vitest'
import { SpaceReserve } from '../../../src/log/space-reserve.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'

const kibibyte = 1024
const path = '/log/tidemark-reserve'

function on(capacityBytes: number, sizeBytes = 100 * kibibyte) {
  const files = new MemoryFiles({ capacityBytes })
  files.makeDirectorySync('/log')
  return { files, reserve: new SpaceReserve(files, '/log', sizeBytes) }
}

test('a reserve takes its room with bytes that no file system stores as a hole', () => {
  const { files, reserve } = on(1000 * kibibyte)
  expect(reserve.isHeld).toBe(false)
  reserve.acquire()
  expect(reserve.isHeld).toBe(true)
  expect(files.freeBytesSync('/')).toBe(900 * kibibyte)
  const byte = Buffer.alloc(1)
  files.openSync(path, 'read').readSync(byte, 0, 1, 5000)
  expect(byte[0]).not.toBe(0)
})

test('a reserve that is there already is taken over, and a smaller one filled', () => {
  const { files, reserve } = on(1000 * kibibyte)
  reserve.acquire()
  new SpaceReserve(files, '/log', 100 * kibibyte).acquire()
  expect(files.freeBytesSync('/')).toBe(900 * kibibyte)
  new SpaceReserve(files, '/log', 200 * kibibyte).acquire()
  expect(files.freeBytesSync('/')).toBe(800 * kibibyte)
})

test('a reserve for which there is no room leaves none of it taken', () => {
  const { files, reserve } = on(50 * kibibyte)
  expect(() => reserve.acquire()).toThrow('ENOSPC')
  expect(reserve.isHeld).toBe(false)
  expect(files.statSync(path)).toBeUndefined()
  expect(files.freeBytesSync('/')).toBe(50 * kibibyte)
})

test('a released reserve is room', () => {
  const { files, reserve } = on(150 * kibibyte)
  reserve.acquire()
  reserve.release()
  expect(reserve.isHeld).toBe(false)
  expect(files.freeBytesSync('/')).toBe(150 * kibibyte)
  reserve.release()
})

describe('an append', () => {
  test('is admitted while the reserve is held, whatever is free', () => {
    const { files, reserve } = on(1000 * kibibyte)
    reserve.acquire()
    files.capacityBytes = 0
    expect(reserve.admits(10)).toBe(true)
  })

  test('is admitted again once there is room for it, the reserve, and some more', () => {
    const { files, reserve } = on(1000 * kibibyte)
    reserve.acquire()
    reserve.release()
    files.capacityBytes = 100 * kibibyte + 64 * kibibyte + 9
    expect(reserve.admits(10)).toBe(false)
    expect(reserve.isHeld).toBe(false)
    files.capacityBytes++
    expect(reserve.admits(10)).toBe(true)
    expect(reserve.isHeld).toBe(true)
  })
})

test('a reserve of nothing is always held and takes no file', () => {
  const { files, reserve } = on(0, 0)
  expect(reserve.isHeld).toBe(true)
  reserve.acquire()
  reserve.release()
  expect(reserve.isHeld).toBe(true)
  expect(reserve.admits(1_000_000)).toBe(true)
  expect(files.listSync('/log')).toEqual([])
})
