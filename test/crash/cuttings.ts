import assert from 'node:assert/strict'
import { join } from 'node:path'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import { segmentFileName } from '../../src/log/file-names.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { Files } from '../../src/env/env.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import type { MemoryEnv } from '../../src/testing/memory-env.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { type CaseRig, scattered } from './case-rig.ts'
import { boot, directory, type LogImage, writeImage } from './log-image.ts'

const name = 'cutting'
const segment = segmentFileName(0, '.log')
const options = { reserveBytes: 0, durability: 'os' } as const

/** The segment is at least this large; each of its lengths is a case. */
const segmentBytesMin = 1024 * 1024

/** So many lengths follow on each other. */
const blockBytes = 4096

/** The end of a batch, and the offset after it. */
interface Boundary {
  readonly position: number
  readonly nextOffset: number
}

/** A killed log of one segment, none of which was promised to survive. */
interface LongLog {
  readonly image: LogImage
  readonly bytes: Buffer
  readonly boundaries: readonly Boundary[]
  /** A world with what the last case has left; what is there of the segment is as it was written. */
  env: MemoryEnv
}

/** Cuts a segment of 1 MiB at each of its bytes: the log is recovered to the end of the last whole batch. */
export const cuttings: CaseRig = {
  name,

  async *cases(seed) {
    const { bytes } = await longLog()
    // From each to the next less there is little to restore.
    for (const block of scattered(Math.ceil((bytes.length + 1) / blockBytes), seed))
      for (let left = blockBytes - 1; left >= 0; left--)
        if (block * blockBytes + left <= bytes.length) yield `${name} ${block * blockBytes + left}`
  },

  async tryCase(line) {
    const [, digits] = /^cutting (\d+)$/.exec(line) ?? []
    if (digits === undefined) throw new RangeError(`not a length: "${line}"`)
    const sizeBytes = Number(digits)
    const log = await longLog()
    const { boundaries } = log
    const env = restore(log, sizeBytes)
    // A clock of its own, for the dead logs before still wait for theirs.
    const opened = await openLog(directory, { ...options, env: { ...env, clock: new ManualClock() } })
    const { endOffset, startOffset, recovery } = opened
    const { position, nextOffset } = boundaryBefore(boundaries, sizeBytes)
    assert.equal(endOffset, nextOffset)
    assert.equal(startOffset, 0)
    assert.equal(env.files.statSync(`${directory}/${segment}`)?.sizeBytes, position)
    assert.equal(recovery.cut?.bytes ?? 0, sizeBytes - position)
    assert.deepEqual(recovery.quarantined, [])
    log.env = env.kill()
    return position === sizeBytes ? 'cut between batches' : 'cut in a batch'
  },
}

/** The world as the kill has left it, but for the end of the segment. Cheaper than another one. */
function restore({ env, image, bytes }: LongLog, sizeBytes: number): MemoryEnv {
  const { files } = env
  for (const each of files.listSync(directory)) if (!image.has(each)) remove(files, join(directory, each))
  for (const [each, content] of image) if (each !== segment) overwrite(files, each, content, 0)
  const keptBytes = Math.min(files.statSync(join(directory, segment))?.sizeBytes ?? 0, sizeBytes)
  overwrite(files, segment, bytes.subarray(keptBytes, sizeBytes), keptBytes)
  return env
}

function remove(files: Files, path: string): void {
  if (files.statSync(path)?.kind === 'directory') files.removeDirectorySync(path)
  else files.removeSync(path)
}

/** Makes `bytes` what is in the file from `position` on. */
function overwrite(files: Files, fileName: string, bytes: Uint8Array, position: number): void {
  const file = files.openSync(join(directory, fileName), 'write')
  file.truncateSync(position)
  if (bytes.length > 0) file.writevSync([bytes], position)
  file.closeSync()
}

let made: Promise<LongLog> | undefined

/** Made once. */
function longLog(): Promise<LongLog> {
  made ??= makeLongLog()
  return made
}

async function makeLongLog(): Promise<LongLog> {
  const image = await writeImage('unclean', options, writeLong)
  const bytes = image.get(segment) ?? Buffer.alloc(0)
  const ends = Array.from(iterateBatches(bytes), ({ endPosition: position, nextOffset }) => ({
    position,
    nextOffset,
  }))
  return { image, bytes, env: boot(image), boundaries: [{ position: 0, nextOffset: 0 }, ...ends] }
}

/** Batches of every size, most of them small. */
async function writeLong(log: Log): Promise<void> {
  const random = seededRandom(1)
  for (let sizeBytes = 0; sizeBytes < segmentBytesMin; ) {
    const value = random.bytes(random.pick([0, 10, 300, 2000, 2000, 9000]))
    const compression = random.pick(['none', 'none', 'snappy', 'gzip'] as const)
    await log.append(
      Array.from({ length: 1 + random.int(3) }, () => ({ value })),
      { compression },
    )
    sizeBytes = (await log.stats()).sizeBytes
  }
}

/** The last of them that lies at `sizeBytes` or before. */
function boundaryBefore(boundaries: readonly Boundary[], sizeBytes: number): Boundary {
  let low = 0
  for (let high = boundaries.length; high - low > 1; ) {
    const middle = (low + high) >> 1
    if ((boundaries[middle]?.position ?? Infinity) <= sizeBytes) low = middle
    else high = middle
  }
  return boundaries[low] ?? { position: 0, nextOffset: 0 }
}
