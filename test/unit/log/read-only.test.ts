import { describe, expect, test } from 'vitest'
import { nodeEnv } from '../../../src/env/node-env.ts'
import type { Log } from '../../../src/log/log.ts'
import { temporaryDirectory } from '../env/temporary-directory.ts'
import {
  appendEach,
  batchOf,
  bytesOf,
  namesIn,
  open,
  putFile,
  range,
  stillWorld,
  turns,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

/** Takes `count` values from the log as they come. */
async function follow(log: Log, count: number): Promise<(string | undefined)[]> {
  const values: (string | undefined)[] = []
  if (count === 0) return values
  for await (const { value } of log.read({ follow: true })) {
    values.push(value?.toString())
    if (values.length === count) break
  }
  return values
}

describe('a log opened to read', () => {
  test('sees what was there, and changes nothing', async () => {
    const { env } = stillWorld()
    const writer = await open({ env, segmentBytes: 1024 })
    const values = valuesOf(9, 270)
    await appendEach(writer, ...values)
    await writer.close()
    const before = namesIn(env).map((name) => [name, bytesOf(env, name).toString('hex')])
    const reader = await open({ env, readOnly: true })
    expect(await valuesIn(reader)).toEqual(values)
    expect(reader.get(5)?.value?.toString()).toBe(values[5])
    expect(reader.offsetForTimestamp(0)).toMatchObject({ offset: 0 })
    await reader.close()
    expect(namesIn(env).map((name) => [name, bytesOf(env, name).toString('hex')])).toEqual(before)
  })

  test('changes nothing of a log that was killed either, however much is missing', async () => {
    const { env } = stillWorld()
    const writer = await open({ env, segmentBytes: 1024 })
    const values = valuesOf(9, 270)
    await appendEach(writer, ...values)
    const after = env.kill()
    for (const name of namesIn(after))
      if (/index|snapshot|epoch|durable/.test(name)) after.files.removeSync(`${writer.directory}/${name}`)
    putFile(
      after,
      '00000000000000000006.log',
      Buffer.concat([bytesOf(after, '00000000000000000006.log'), Buffer.alloc(50)]),
    )
    const before = namesIn(after).map((name) => [name, bytesOf(after, name).toString('hex')])
    const reader = await open({ env: after, readOnly: true })
    expect(reader.recovery.cut).toMatchObject({ bytes: 50 })
    expect(await valuesIn(reader)).toEqual(values)
    await reader.close()
    expect(namesIn(after).map((name) => [name, bytesOf(after, name).toString('hex')])).toEqual(before)
  })

  test('follows what another writes, over segments', async () => {
    const { env } = stillWorld()
    const writer = await open({ env, segmentBytes: 1024 })
    await appendEach(writer, 'first')
    const reader = await open({ env, readOnly: true })
    const seen = follow(reader, 31)
    const values = valuesOf(30, 270)
    for (const value of values) {
      await writer.append({ value })
      await turns(env, 2)
    }
    expect(await seen).toEqual(['first', ...values])
    expect(reader.endOffset).toBe(31)
    expect(await valuesIn(reader)).toEqual(['first', ...values])
    expect(reader.get(20)?.value?.toString()).toBe(values[19])
    expect((await reader.stats()).segments).toBe((await writer.stats()).segments)
  })

  test('sees nothing of a batch that is half written, until it is whole', async () => {
    const { env } = stillWorld()
    const writer = await open({ env })
    await appendEach(writer, 'a')
    const reader = await open({ env, readOnly: true })
    const seen = follow(reader, 2)
    await turns(env)
    const batch = batchOf([{ value: 'b' }], { baseOffset: 1, partitionLeaderEpoch: 0 })
    const before = bytesOf(env, '00000000000000000000.log')
    for (const length of [1, 16, 40, 60, batch.length - 1]) {
      putFile(env, '00000000000000000000.log', Buffer.concat([before, batch.subarray(0, length)]))
      await turns(env)
      expect(reader.endOffset).toBe(1)
    }
    putFile(env, '00000000000000000000.log', Buffer.concat([before, batch]))
    expect(await seen).toEqual(['a', 'b'])
  })

  test('knows the producers and transactions of what it follows', async () => {
    const { env } = stillWorld()
    const writer = await open({ env })
    await appendEach(writer, 'a')
    const reader = await open({ env, readOnly: true })
    const seen = follow(reader, 2)
    await writer.append({ value: 'b' }, { producer: { id: 5, epoch: 0, sequence: 0 } })
    await seen
    expect((await reader.stats()).producers).toBe(1)
  })

  test('is woken no more once it is closed', async () => {
    const { env } = stillWorld()
    const writer = await open({ env })
    const reader = await open({ env, readOnly: true })
    const seen = reader.read({ follow: true }).next()
    await reader.close()
    expect(await seen).toMatchObject({ done: true })
    await appendEach(writer, 'a')
    await turns(env)
    expect(reader.endOffset).toBe(0)
  })
})

describe('on a real disk', () => {
  test('a reader follows a writer, and another process could', async () => {
    const path = `${temporaryDirectory()}/log`
    const env = nodeEnv()
    const writer = await open({ env, segmentBytes: 4096 }, path)
    await appendEach(writer, 'first')
    const reader = await open({ env, readOnly: true }, path)
    const values = valuesOf(60, 200)
    const seen = follow(reader, 61)
    for (const at of range(0, 6))
      await Promise.all(values.slice(10 * at, 10 * at + 10).map((value) => writer.append({ value })))
    expect(await seen).toEqual(['first', ...values])
    await reader.close()
    await writer.close()
    expect(await valuesIn(await open({ env }, path))).toEqual(['first', ...values])
  })
})
