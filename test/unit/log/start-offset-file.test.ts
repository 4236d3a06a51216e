import { expect, test } from 'vitest'
import { StartOffsetFile } from '../../../src/log/start-offset-file.ts'
import { bytesOf, directory, namesIn, putFile, stillWorld } from './log-setup.ts'

const name = 'log-start-offset-checkpoint'

function inDirectory(path: string) {
  const { env } = stillWorld()
  env.files.makeDirectorySync(path)
  return { env, file: new StartOffsetFile(env.files, path) }
}

test('a log starts at 0 until something else is stored', async () => {
  const { env, file } = inDirectory(directory)
  expect(file.load()).toBe(0)
  await file.store(42)
  expect(file.load()).toBe(42)
  await file.store(2 ** 50)
  expect(file.load()).toBe(2 ** 50)
  expect(namesIn(env)).toEqual([name])
})

test('what was stored survives a power cut', async () => {
  const { env, file } = inDirectory(directory)
  env.files.syncDirectorySync('/')
  env.files.syncDirectorySync('/data')
  await file.store(42)
  expect(new StartOffsetFile(env.crash().files, directory).load()).toBe(42)
})

test.each([
  ['/data/orders-0', '0\n1\norders 0 7\n'],
  ['/data/my-topic-12', '0\n1\nmy-topic 12 7\n'],
  ['/data/events', '0\n1\nevents 0 7\n'],
  ['/data/two words', '0\n1\ntwo_words 0 7\n'],
  ['/', '0\n1\nlog 0 7\n'],
])('in %s it has the format of Kafka', async (path, text) => {
  const { env, file } = inDirectory(path)
  await file.store(7)
  expect(bytesOf(env, name, path).toString()).toBe(text)
  expect(file.load()).toBe(7)
})

test.each([
  ['an empty file', ''],
  ['a list without entries', '0\n0\n'],
  ['words', 'hello'],
  ['a file that was cut', '0\n1\norders 0 1'],
  ['a negative offset', '0\n1\norders 0 -5\n'],
  ['a file of a megabyte', 'x'.repeat(1_000_000)],
])('%s counts as none', (_, text) => {
  const { env, file } = inDirectory(directory)
  putFile(env, name, text)
  expect(file.load()).toBe(0)
})
