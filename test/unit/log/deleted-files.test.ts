import { expect, test } from 'vitest'
import { DeletedFiles } from '../../../src/log/deleted-files.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'

function make(count: number) {
  const { files } = memoryEnv()
  const clock = new ManualClock()
  const paths = Array.from({ length: count }, (_, at) => `/${at}.deleted`)
  for (const path of paths) files.openSync(path, 'create').closeSync()
  const left = () => paths.filter((path) => files.statSync(path) !== undefined)
  return { files, clock, paths, left }
}

test('each file goes when its time has come', async () => {
  const { files, clock, paths, left } = make(4)
  const deleted = new DeletedFiles(files, clock, 1000)
  deleted.add(paths.slice(0, 2))
  await clock.runFor(400)
  deleted.add(paths.slice(2))
  await clock.runFor(599)
  expect(left()).toEqual(paths)
  await clock.runFor(1)
  expect(left()).toEqual(paths.slice(2))
  await clock.runFor(400)
  expect(left()).toEqual([])
  deleted.add(paths)
  expect(clock.sleeperCount).toBe(1)
})

test('many that are deleted at once wait for one timer', async () => {
  const { files, clock, paths, left } = make(100)
  const deleted = new DeletedFiles(files, clock, 1000)
  for (const path of paths) deleted.add([path])
  expect(clock.sleeperCount).toBe(1)
  deleted.close()
  expect(left()).toEqual([])
  await clock.runFor(0)
  expect(clock.sleeperCount).toBe(0)
})
