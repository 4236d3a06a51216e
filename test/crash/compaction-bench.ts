import assert from 'node:assert/strict'
import { encodeEndTransactionMarker } from '../../src/batch/control-record.ts'
import { encodeBatch } from '../../src/batch/encode-batch.ts'
import type { Env } from '../../src/env/env.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import { verifyDirectory } from '../../src/log/verify-directory.ts'
import { keepUnsynced } from '../../src/testing/crash-chooser.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../src/testing/memory-env.ts'
import type { EntryOrder } from '../../src/testing/unsynced-entries.ts'
import { settled } from '../property/settled.ts'

export const directory = '/data/orders-0'

const settings = {
  cleanupPolicy: 'compact',
  segmentBytes: 1024,
  segmentMs: 1000,
  indexIntervalBytes: 100,
  deleteRetentionMs: 0,
  compactionCheckMs: 1e12,
  reserveBytes: 0,
} as const

const keyCount = 4
const roundCount = 5

const templates = new Map<EntryOrder, Promise<MemoryEnv>>()

/** A world with a log that has much to compact, some of it in transactions, closed. Each time another like it. */
export async function worldToCompact(entryOrder: EntryOrder = 'free'): Promise<MemoryEnv> {
  const template = templates.get(entryOrder) ?? fill(entryOrder)
  templates.set(entryOrder, template)
  return (await template).crash(keepUnsynced)
}

async function fill(entryOrder: EntryOrder): Promise<MemoryEnv> {
  const env = memoryEnv({ clock: new ManualClock(), seed: 1, entryOrder })
  const log = await openHere(env)
  for (let round = 0; round < roundCount; round++) {
    for (let key = 0; key < keyCount; key++)
      await settled(log.append({ key: `k${key}`, value: `${round}`.padEnd(40) }))
    await abort(log, round)
  }
  await settled(log.append({ key: 'deleted', value: null }))
  await sealMore(log, env)
  await settled(log.close())
  return env
}

/**
 * Begins two segments of one record each, by their age. What was active is sealed then: where the durable point, as it is
 * on the disk, still lies. A pass joins them, so that of some there is no file any more.
 */
export async function sealMore(log: Log, { clock }: Env): Promise<void> {
  for (let count = 0; count < 2; count++) {
    ;(clock as ManualClock).advance(settings.segmentMs + 1)
    await settled(log.append({ key: 'seal', value: 'x' }))
  }
}

async function abort(log: Log, baseSequence: number): Promise<void> {
  const producer = { producerId: 7, producerEpoch: 0 }
  const data = encodeBatch([{ key: 'k0', value: 'aborted'.padEnd(40) }], {
    ...{ now: 1_700_000_000_000, ...producer, baseSequence },
    isTransactional: true,
  })
  await settled(log.appendBatch(data))
  const marker = { ...producer, type: 'ABORT', coordinatorEpoch: 0, timestampMs: 1_700_000_000_000 } as const
  await settled(log.appendBatch(encodeEndTransactionMarker(marker)))
}

export function openHere(env: Env): Promise<Log> {
  return settled(openLog(directory, { ...settings, env }))
}

/** Names of what a pass leaves only while it runs. */
export function temporaries({ files }: Env): string[] {
  return files.listSync(directory).filter((name) => /\.(cleaned|swap)$/.test(name))
}

/** The last record of every key can be read, and what else can was appended and not superseded twice over. */
export async function checkContent(log: Log): Promise<void> {
  const values = new Map<string, string>()
  let next = 0
  const reading = async () => {
    for await (const { offset, key, value } of log.read()) {
      assert.ok(offset >= next, `offset ${offset} comes after ${next - 1}`)
      next = offset + 1
      if (!value?.toString().startsWith('aborted'))
        values.set(String(key), value ? value.toString().trim() : 'null')
    }
  }
  await settled(reading())
  for (let key = 0; key < keyCount; key++) assert.equal(values.get(`k${key}`), `${roundCount - 1}`)
  assert.ok(values.has('seal'))
  assert.ok([undefined, 'null'].includes(values.get('deleted')))
  assert.ok(log.endOffset >= roundCount * (keyCount + 2) + 2)
}

/** Opens what is left, looks at it, compacts it to the end, and has it verified. */
export async function checkAftermath(env: Env): Promise<void> {
  const log = await openHere(env)
  assert.equal(log.recovery.lost, undefined)
  assert.deepEqual(temporaries(env), [])
  await checkContent(log)
  const again = { producer: { id: 7, epoch: 0, sequence: roundCount - 1 } }
  assert.ok((await settled(log.append({ key: 'k0', value: '' }, again))).duplicate)
  assert.ok((await settled(log.compact())).isComplete)
  await checkContent(log)
  await settled(log.close())
  const report = await settled(verifyDirectory(directory, { env, allowGaps: true }))
  assert.ok(report.ok, JSON.stringify(report.files.filter(({ verdict }) => verdict === 'damaged')))
}
