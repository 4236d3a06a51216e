import { expect, test } from 'vitest'
import { DurablePointStore } from '../../../src/log/durable-point.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { segmentFileName } from '../../../src/log/file-names.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  appendEach,
  bytesOf,
  directory,
  namesIn,
  open,
  putFile,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

/** What crashes leave of segments that lie before the start of the log, and how recovery is rid of it. */

const options = { segmentBytes: 1024, fileDeleteDelayMs: 0 }
const log0 = segmentFileName(0, '.log')
const log6 = segmentFileName(6, '.log')

/** Nine records in three segments, of a process that was killed. */
async function killed(): Promise<MemoryEnv> {
  const { env } = stillWorld()
  const log = await open({ env, ...options })
  await appendEach(log, ...valuesOf(9, 270))
  return env.kill()
}

/** What was put there by hand is on the disk. */
function syncAll(env: MemoryEnv): void {
  for (const name of namesIn(env)) {
    const file = env.files.openSync(`${directory}/${name}`, 'write')
    file.syncSync()
    file.closeSync()
  }
  env.files.syncDirectorySync(directory)
}

test('a power cut brings no segment back that recovery has deleted', async () => {
  const env = await killed()
  const oldest = bytesOf(env, log0)
  const trimming = await open({ env, ...options })
  await trimming.trim(6)
  await trimming.close()
  // Of two removals the crash has kept the second alone.
  putFile(env, log0, oldest)
  syncAll(env)
  const log = await open({ env, ...options })
  expect(namesIn(env)).not.toContain(log0)
  expect(await valuesIn(log)).toEqual(valuesOf(9, 270).slice(6))
  expect(namesIn(env.crash())).not.toContain(log0)
})

/**
 * A truncation below the start of the log was interrupted: the durable point is lowered to the start, the segments are gone
 * or not, as the power cut would have it.
 */
async function truncatedBelowStart(): Promise<MemoryEnv> {
  const env = await killed()
  env.files.removeSync(`${directory}/${segmentFileName(3, '.log')}`)
  const start = 5
  putFile(env, 'log-start-offset-checkpoint', `0\n1\norders 0 ${start}\n`)
  const point = { offset: start, baseOffset: 0, sizeBytes: bytesOf(env, log0).length }
  new DurablePointStore(new FilePool(env.files, 8), directory).storeDurably(point)
  syncAll(env)
  return env
}

test('a hole that begins before the start of the log does not keep it closed', async () => {
  const env = await truncatedBelowStart()
  const log = await open({ env, ...options })
  expect([log.startOffset, log.endOffset]).toEqual([5, 5])
  expect(namesIn(env)).not.toContain(log6)
  expect(await log.append({ value: 'goes on' })).toMatchObject({ baseOffset: 5 })
})

test('a log that begins anew keeps the snapshot of its producers', async () => {
  const env = await truncatedBelowStart()
  await open({ env, ...options })
  expect(namesIn(env)).toContain(segmentFileName(5, '.snapshot'))
  expect(namesIn(env.crash())).toContain(segmentFileName(5, '.snapshot'))
})
