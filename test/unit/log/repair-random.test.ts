import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { repairDirectory } from '../../../src/log/repair-directory.ts'
import { seedFromEnvironment } from '../testing/seed.ts'
import { directory } from './log-setup.ts'
import {
  badFiles,
  damaged,
  type Files,
  kafkaFiles,
  openSample,
  recordsIn,
  recordsOf,
  sampleLog,
  type SampleRecord,
  verify,
  worldOf,
} from './verify-setup.ts'

/** Something bad that happens to a file; `at` is a share of its size, `name` one of the list of files. */
interface Mishap {
  readonly kind:
    | 'flip'
    | 'zero'
    | 'garbage'
    | 'vanish'
    | 'insert'
    | 'repeat'
    | 'truncate'
    | 'extend'
    | 'remove'
  readonly name: number
  readonly at: number
  readonly bytes: Uint8Array
}

const mishap: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constantFrom(
    'flip',
    'zero',
    'garbage',
    'vanish',
    'insert',
    'repeat',
    'truncate',
    'extend',
    'remove',
  ),
  name: fc.nat(),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
})

function strike(files: Files, { kind, name, at, bytes }: Mishap): Files {
  // Most of the time a log, which holds what matters.
  const logs = [...files.keys()].filter((each) => each.endsWith('.log'))
  const names = name % 3 > 0 && logs.length > 0 ? logs : [...files.keys()]
  return damaged(files, names[name % names.length] ?? '', (content) => {
    const start = Math.floor(at * content.length)
    const end = Math.min(start + bytes.length, content.length)
    const [before, behind] = [content.subarray(0, start), content.subarray(start)]
    switch (kind) {
      case 'flip':
        if (start < content.length)
          content.writeUInt8(content.readUInt8(start) ^ (1 << (bytes.length % 8)), start)
        return content
      case 'zero':
        return content.fill(0, start, end)
      case 'garbage':
        content.set(bytes.subarray(0, end - start), start)
        return content
      case 'vanish':
        return Buffer.concat([before, content.subarray(end)])
      case 'insert':
        return Buffer.concat([before, bytes, behind])
      case 'repeat':
        return Buffer.concat([before, content.subarray(Math.max(0, start - bytes.length), start), behind])
      case 'truncate':
        return before
      case 'extend':
        return Buffer.concat([content, bytes])
      case 'remove':
        return undefined
    }
  })
}

/** Repairs these files. Then they are good, also once opened and written to, and hold all that is not told as lost. */
async function checkRepair(files: Files, records: readonly SampleRecord[]): Promise<void> {
  const env = worldOf(files)
  const { ok } = await verify(env)
  const { changed, lostOffsets } = await repairDirectory(directory, { env })
  expect(changed).toBe(!ok)
  expect(badFiles(await verify(env)).filter((bad) => bad.includes(' damaged: '))).toEqual([])
  const log = await openSample(env)
  const { startOffset, endOffset } = log
  const isKept = ({ offset }: SampleRecord) =>
    !lostOffsets.some(({ fromOffset, toOffset }) => offset >= fromOffset && offset < toOffset)
  // What went at the front may have been deleted by retention; of the end only a durable point can tell.
  const isWithin = ({ offset }: SampleRecord) => offset >= startOffset && offset < endOffset
  expect(await recordsIn(log)).toEqual(records.filter((each) => isKept(each) && isWithin(each)))
  await log.append({ value: 'goes on' })
  await log.close()
  expect(badFiles(await verify(env)).filter((bad) => bad.includes(' damaged: '))).toEqual([])
}

test.each([
  ['was closed', () => sampleLog('closed'), 150],
  ['was killed', () => sampleLog('killed'), 150],
  ['Apache Kafka wrote', () => Promise.resolve(kafkaFiles()), 25],
] as const)(
  'whatever happens to a log that %s, it is repaired',
  { timeout: 600_000 },
  async (_name, make, numRuns) => {
    const files = await make()
    const records = await recordsOf(files)
    const property = fc.asyncProperty(fc.array(mishap, { minLength: 1, maxLength: 3 }), async (mishaps) => {
      const struck = mishaps.reduce(strike, files)
      if ([...struck.keys()].some((name) => name.endsWith('.log'))) await checkRepair(struck, records)
    })
    await fc.assert(property, { numRuns, ...seedFromEnvironment() })
  },
)
