import { expect, test } from 'vitest'
import { repairDirectory } from '../../../src/log/repair-directory.ts'
import { directory } from './log-setup.ts'
import {
  badFiles,
  type Files,
  flipped,
  openSample,
  recordsIn,
  recordsOf,
  sampleLog,
  type SampleRecord,
  verify,
  worldOf,
} from './verify-setup.ts'

/** Repairs these files, and says what is not as it should be then. */
async function shortcomingOf(files: Files, records: readonly SampleRecord[]): Promise<string | undefined> {
  const env = worldOf(files)
  const report = await repairDirectory(directory, { env })
  const repaired = await verify(env)
  if (!repaired.ok) return badFiles(repaired).join()
  const log = await openSample(env)
  const kept = await recordsIn(log)
  const isLost = ({ offset }: SampleRecord) =>
    report.lostOffsets.some(({ fromOffset, toOffset }) => offset >= fromOffset && offset < toOffset)
  await log.close()
  const expected = records.filter((record) => !isLost(record))
  return JSON.stringify(kept) === JSON.stringify(expected)
    ? undefined
    : 'other records than were lost are gone'
}

test('after any flipped bit a log is repaired, and keeps what is not told as lost', {
  timeout: 600_000,
}, async () => {
  const files = await sampleLog('killed', 3)
  const records = await recordsOf(files)
  const shortcomings: string[] = []
  for (const [name, bytes] of files)
    for (let position = 0; position < bytes.length; position++) {
      const shortcoming = await shortcomingOf(flipped(files, name, position, position % 8), records)
      if (shortcoming !== undefined) shortcomings.push(`${name} at byte ${position}: ${shortcoming}`)
    }
  expect(shortcomings).toEqual([])
})
