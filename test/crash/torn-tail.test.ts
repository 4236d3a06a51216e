import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import type { Durability } from '../../src/log/log-options.ts'
import { openLog } from '../../src/log/log.ts'
import { checkLog } from '../open-test-log.ts'
import {
  boot,
  directory,
  type LogImage,
  readRecords,
  type Stop,
  withFile,
  writeImage,
  writeVariety,
} from './log-image.ts'

const segment = '00000000000000000000.log'
const segmentPath = join(directory, segment)

/** A log of one segment, and how it came about. */
interface Case {
  readonly stop: Stop
  readonly durability: Durability
  /** Whether the log knows that all of it was durable, and so can tell what is missing. */
  readonly knowsEnd: boolean
}

const cases: readonly Case[] = [
  { stop: 'unclean', durability: 'sync', knowsEnd: true },
  { stop: 'unclean', durability: 'os', knowsEnd: false },
  { stop: 'clean', durability: 'sync', knowsEnd: true },
]

const options = { reserveBytes: 0 } as const

function imageFor({ stop, durability }: Case): Promise<LogImage> {
  return writeImage(stop, { ...options, durability }, writeVariety)
}

/** Where the batches of the segment end, and with which offset. */
function boundariesOf(bytes: Buffer): { readonly position: number; readonly nextOffset: number }[] {
  const ends = Array.from(iterateBatches(bytes), ({ endPosition, nextOffset }) => ({
    position: endPosition,
    nextOffset,
  }))
  return [{ position: 0, nextOffset: 0 }, ...ends]
}

describe.each(cases)('after a(n) $stop stop under $durability', (each) => {
  test('a segment cut at any byte is recovered up to the last whole batch', async () => {
    const image = await imageFor(each)
    const whole = image.get(segment) ?? Buffer.alloc(0)
    const boundaries = boundariesOf(whole)
    const all = await readRecords(await openLog(directory, { ...options, env: boot(image) }))
    const endOffset = boundaries.at(-1)?.nextOffset ?? 0
    for (let sizeBytes = 0; sizeBytes < whole.length; sizeBytes++) {
      const env = boot(withFile(image, segment, whole.subarray(0, sizeBytes)))
      const log = await openLog(directory, { ...options, env })
      const kept = boundaries.findLast(({ position }) => position <= sizeBytes) ?? {
        position: 0,
        nextOffset: 0,
      }
      const tornBytes = sizeBytes - kept.position
      const where = `cut to ${sizeBytes} bytes`
      expect(log.endOffset, where).toBe(kept.nextOffset)
      expect(await readRecords(log), where).toEqual(all.filter(({ offset }) => offset < kept.nextOffset))
      expect(log.recovery.cleanStop, where).toBe(false)
      expect(env.files.statSync(segmentPath)?.sizeBytes, where).toBe(kept.position)
      expect(
        log.recovery.cut && { position: log.recovery.cut.position, bytes: log.recovery.cut.bytes },
        where,
      ).toEqual(tornBytes === 0 ? undefined : { position: kept.position, bytes: tornBytes })
      expect(log.recovery.lost, where).toEqual(
        each.knowsEnd ? { fromOffset: kept.nextOffset, toOffset: endOffset } : undefined,
      )
      await log.append({ value: 'afterwards' })
      await log.close()
      if (sizeBytes % 16 === 0) await checkLog(directory, { ...options, env })
    }
  })

  test('a tail of zeros, or of anything else, is cut', async () => {
    const image = await imageFor(each)
    const whole = image.get(segment) ?? Buffer.alloc(0)
    const all = await readRecords(await openLog(directory, { ...options, env: boot(image) }))
    for (const bytes of tails()) {
      const where = `${bytes.length} times ${bytes[0]}`
      const env = boot(withFile(image, segment, Buffer.concat([whole, bytes])))
      const log = await openLog(directory, { ...options, env })
      expect(log.recovery.cut, where).toMatchObject({ position: whole.length, bytes: bytes.length })
      expect(log.recovery.lost, where).toBeUndefined()
      expect(env.files.statSync(segmentPath)?.sizeBytes, where).toBe(whole.length)
      expect(await readRecords(log), where).toEqual(all)
      await log.append({ value: 'afterwards' })
      await log.close()
      await checkLog(directory, { ...options, env })
    }
  })
})

/** What a crash leaves behind the last batch: bytes that were never filled, or not with what was meant. */
function tails(): Buffer[] {
  // Around the sizes of what a header begins with, of a header, and of two.
  const sizes = [1, 11, 12, 16, 17, 18, 40, 60, 61, 62, 63, 122, 123, 4096]
  return sizes.flatMap((length) => [
    Buffer.alloc(length),
    Buffer.alloc(length, 0xd8),
    Buffer.from(Array.from({ length }, (_, index) => (index * 7919 + 1) % 251)),
  ])
}
