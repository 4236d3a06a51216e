import { describe, expect, test } from 'vitest'
import { SequenceError } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/log/log.ts'
import { open, stillWorld } from './log-setup.ts'

/** An idempotent append of two records. */
const produce = (log: Log, sequence: number, { id = 7, epoch = 0 } = {}) =>
  log.append([{ value: `${id}: ${sequence}` }, { value: 'x'.repeat(300) }], {
    producer: { id, epoch, sequence },
  })

const sequences = [0, 2, 4, 6, 8, 10]

describe.each(['a clean stop', 'a kill'])('after %s', (how) => {
  /** What two producers wrote in turn, in segments of a few batches each, opened anew. */
  async function reopened(): Promise<Log> {
    const { env } = stillWorld()
    const options = { segmentBytes: 1024, retentionBytes: Infinity }
    const log = await open({ env, ...options })
    for (const sequence of sequences) for (const id of [7, 8]) await produce(log, sequence, { id })
    if (how === 'a kill') return open({ env: env.kill(), ...options })
    await log.close()
    return open({ env, ...options })
  }

  test('a producer may repeat any of its last five appends, and no earlier one', async () => {
    const log = await reopened()
    for (const sequence of sequences.slice(1))
      expect(await produce(log, sequence)).toMatchObject({ baseOffset: sequence * 2, duplicate: true })
    await expect(produce(log, 0)).rejects.toThrow(SequenceError)
    expect(await produce(log, 12)).toMatchObject({ baseOffset: 24, duplicate: false })
  })

  test('a producer may repeat the fifth of its appends that go with others into one write', async () => {
    const log = await reopened()
    const appends = [4, 6, 8, 10, 12, 14].map((sequence) => produce(log, sequence))
    const results = await Promise.all(appends)
    expect(results.map(({ duplicate }) => duplicate)).toEqual([true, true, true, true, false, false])
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual([8, 12, 16, 20, 24, 26])
  })

  test('what was never appended is out of order still', async () => {
    const log = await reopened()
    for (const sequence of [1, 9, 14]) await expect(produce(log, sequence)).rejects.toThrow(SequenceError)
    await expect(produce(log, 4, { epoch: 1 })).rejects.toThrow(SequenceError)
    await produce(log, 0, { epoch: 1 })
    await expect(produce(log, 8, { epoch: 1 })).rejects.toThrow(SequenceError)
  })
})
