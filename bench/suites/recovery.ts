import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openLog } from '../../src/log/public.ts'
import { crc32c } from '../../native-free/crc32c.ts'
import { randomValues } from '../payloads.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { rate, secondsOf } from '../stopwatch.ts'
import type { Claim, PreparedSuite, Suite, SuiteContext } from '../suite.ts'

const segmentName = `${'0'.repeat(20)}.log`
/** What a clean stop leaves and what says how far the log was synced: without them all of it is scanned. */
const evidence = ['tidemark-clean-shutdown', 'tidemark-durable-point']

const names = {
  batched: 'recovery scan, batches of 500',
  single: 'recovery scan, batches of one record',
  open: 'openLog after an unclean stop, batches of 500',
  checksum: 'read and CRC-32C of the same bytes',
  raw: 'read of the same bytes, by 2 MiB',
} as const

const claims: readonly Claim[] = [{ figure: names.batched, sense: 'at least', bound: 2000 }]

/** Opening a log that was not closed. */
export const recoverySuite: Suite = {
  name: 'recovery',
  about:
    'Records of 100 B, in the page cache. The scan reads the log, checks every batch (checksum, offsets, epoch) and ' +
    'makes indexes and producers anew; `openLog` also syncs what it found before it serves it.',
  async prepare(context): Promise<PreparedSuite> {
    const batched = await filledLog(context, Math.ceil(9000 * context.scale), 500)
    const single = await filledLog(context, Math.ceil(400_000 * context.scale), 1)
    const path = join(batched, segmentName)
    const contestants: Contestant[] = [
      { name: names.batched, measure: () => recover(batched, names.batched, names.open) },
      { name: names.single, measure: () => recover(single, names.single) },
      { name: names.checksum, measure: () => readRaw(path, names.checksum, crc32c) },
      { name: names.raw, measure: () => readRaw(path, names.raw, () => 0) },
    ]
    return {
      contestants,
      claims,
      ratios: [
        [names.batched, names.raw],
        [names.batched, names.checksum],
      ],
    }
  },
}

async function filledLog(
  { workspace }: SuiteContext,
  batches: number,
  recordsPerBatch: number,
): Promise<string> {
  const directory = workspace.fresh()
  const records = randomValues(recordsPerBatch, 100).map((value) => ({ value }))
  await using log = await openLog(directory, { durability: 'os' })
  for (let count = 0; count < batches; count += 100)
    await Promise.all(Array.from({ length: 100 }, () => log.append(records)))
  return directory
}

/** The rate of the scan alone, and under `openFigure` that of the whole opening. */
async function recover(directory: string, scanFigure: string, openFigure?: string): Promise<Sample[]> {
  for (const name of evidence) rmSync(join(directory, name))
  let scanned = 0
  const start = performance.now()
  let scanEnd = start
  const onProgress = ({ scannedBytes }: { scannedBytes: number }) => {
    scanned = scannedBytes
    scanEnd = performance.now()
  }
  const log = await openLog(directory, { durability: 'os', onProgress })
  const openSeconds = (performance.now() - start) / 1000
  await log.close()
  const samples = [rate(scanFigure, 'MB/s', scanned, (scanEnd - start) / 1000)]
  return openFigure === undefined ? samples : [...samples, rate(openFigure, 'MB/s', scanned, openSeconds)]
}

async function readRaw(path: string, figure: string, look: (bytes: Uint8Array) => number): Promise<Sample[]> {
  const descriptor = openSync(path, 'r')
  const window = Buffer.allocUnsafeSlow(2 * 1024 * 1024)
  let position = 0
  const seconds = await secondsOf(() => {
    for (let count = -1; count !== 0; position += count) {
      count = readSync(descriptor, window, 0, window.length, position)
      look(window.subarray(0, count))
    }
  })
  closeSync(descriptor)
  return [rate(figure, 'MB/s', position, seconds)]
}
