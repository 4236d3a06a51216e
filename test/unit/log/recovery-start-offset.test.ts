import { describe, expect, test } from 'vitest'
import { openLog } from '../../../src/log/log.ts'
import { type MemoryEnv, memoryEnv } from '../../../src/testing/memory-env.ts'

/** The start offset's checkpoint has no checksum; a damaged one must not cost the log its records. */

const directory = '/data/orders-0'

async function tenRecordsTrimmedTo(start: number, env: MemoryEnv, close: boolean): Promise<void> {
  const log = await openLog(directory, { env })
  for (let index = 0; index < 10; index++) await log.append({ value: `v${index}` })
  await log.trim(start)
  if (close) await log.close()
}

function putStartOffset(env: MemoryEnv, offset: number): void {
  const file = env.files.openSync(`${directory}/log-start-offset-checkpoint`, 'write')
  file.truncateSync(0)
  file.writevSync([Buffer.from(`0\n1\norders 0 ${offset}\n`)], 0)
  file.closeSync()
}

describe('a start offset beyond the end', () => {
  test('gives way to what the clean stop noted', async () => {
    const env = memoryEnv()
    await tenRecordsTrimmedTo(4, env, true)
    putStartOffset(env, 5000)
    const log = await openLog(directory, { env })
    expect([log.startOffset, log.endOffset]).toEqual([4, 10])
    await log.close()
  })

  test('counts for nothing after a kill', async () => {
    const env = memoryEnv()
    await tenRecordsTrimmedTo(4, env, false)
    const killed = env.kill()
    putStartOffset(killed, 5000)
    const log = await openLog(directory, { env: killed })
    expect([log.startOffset, log.endOffset]).toEqual([0, 10])
    await log.close()
  })
})

test.each(['sync', 'os'] as const)('a trim survives a power cut under %s', async (durability) => {
  const env = memoryEnv()
  const log = await openLog(directory, { env, durability })
  for (let index = 0; index < 10; index++) await log.append({ value: `v${index}` })
  await log.trim(7)
  const after = await openLog(directory, { env: env.crash() })
  expect([after.startOffset, after.endOffset]).toEqual([7, 10])
  await after.close()
})
