import { expect, test } from 'vitest'
import { loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { contentOf, errorOf, readAll } from '../env/files-contract.ts'

const hundredBytes = Buffer.alloc(100, 'x')

test('a full disk first writes what fits, then refuses', () => {
  const files = new MemoryFiles({ capacityBytes: 150 })
  const file = files.openSync('/file', 'create')
  expect(file.writevSync([hundredBytes], 0)).toBe(100)
  expect(files.freeBytesSync('/')).toBe(50)
  expect(file.writevSync([Buffer.from('abcdefghij'), hundredBytes], 100)).toBe(50)
  expect(contentOf(file).subarray(98, 112).toString()).toBe('xxabcdefghijxx')
  expect(errorOf(() => file.writevSync([hundredBytes], 150))).toMatchObject({
    code: 'ENOSPC',
    syscall: 'write',
  })
  expect(errorOf(() => file.truncateSync(151))).toMatchObject({ code: 'ENOSPC', syscall: 'ftruncate' })
  expect(files.freeBytesSync('/')).toBe(0)
})

test('an asynchronous write fails in the same way', async () => {
  const files = new MemoryFiles({ capacityBytes: 50 })
  const file = files.openSync('/file', 'create')
  expect(await file.writev([hundredBytes], 0)).toBe(50)
  await expect(file.writev([hundredBytes], 50)).rejects.toMatchObject({ code: 'ENOSPC' })
})

test('what is there may be written over on a full disk', () => {
  const files = new MemoryFiles({ capacityBytes: 100 })
  const file = files.openSync('/file', 'create')
  file.writevSync([hundredBytes], 0)
  expect(file.writevSync([Buffer.from('abc')], 10)).toBe(3)
  expect(file.writevSync([Buffer.from('abc')], 98)).toBe(2)
})

test('truncating, removing and replacing make room', () => {
  const files = new MemoryFiles({ capacityBytes: 1000 })
  for (const name of ['/a', '/b']) {
    const file = files.openSync(name, 'create')
    file.writevSync([hundredBytes], 0)
    file.truncateSync(60)
    file.closeSync()
  }
  expect(files.freeBytesSync('/')).toBe(880)
  files.renameSync('/a', '/b')
  expect(files.freeBytesSync('/')).toBe(940)
  files.removeSync('/b')
  expect(files.freeBytesSync('/')).toBe(1000)
})

test('a removed file takes its room until it is closed, or its process dies', () => {
  const files = new MemoryFiles({ capacityBytes: 1000 })
  const [one, other] = ['/one', '/other'].map((path) => files.openSync(path, 'create'))
  one?.writevSync([hundredBytes], 0)
  other?.writevSync([hundredBytes], 0)
  files.removeSync('/one')
  files.removeSync('/other')
  expect(files.freeBytesSync('/')).toBe(800)
  one?.closeSync()
  expect(files.freeBytesSync('/')).toBe(900)
  expect(files.kill().freeBytesSync('/')).toBe(1000)
})

test('the disk after a power cut has as much room as its files leave', () => {
  const files = new MemoryFiles({ capacityBytes: 1000 })
  const file = files.openSync('/file', 'create')
  file.writevSync([hundredBytes], 0)
  file.syncSync()
  file.writevSync([hundredBytes], 100)
  files.openSync('/lost', 'create').writevSync([hundredBytes], 0)
  files.syncDirectorySync('/')
  files.removeSync('/lost')
  files.syncDirectorySync('/')
  const rebooted = files.crash(loseUnsynced)
  expect(rebooted.freeBytesSync('/')).toBe(900)
  rebooted.removeSync('/file')
  expect(rebooted.freeBytesSync('/')).toBe(1000)
})

test('the capacity may change', () => {
  const files = new MemoryFiles()
  expect(files.freeBytesSync('/')).toBe(Number.MAX_SAFE_INTEGER)
  const file = files.openSync('/file', 'create')
  file.writevSync([hundredBytes], 0)
  files.capacityBytes = 10
  expect(files.freeBytesSync('/')).toBe(0)
  expect(errorOf(() => file.writevSync([hundredBytes], 100))).toMatchObject({ code: 'ENOSPC' })
  files.capacityBytes = 300
  expect(file.writevSync([hundredBytes], 100)).toBe(100)
  expect(readAll(files, '/file')).toHaveLength(200)
})
