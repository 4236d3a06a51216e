import { join } from 'node:path'
import { assert } from '../base/assert.ts'
import type { File, Files } from '../env/env.ts'
import { segmentFileName } from './file-names.ts'
import { CleanShutdownMark } from './clean-shutdown-mark.ts'
import { FilePool } from './file-pool.ts'
import { IndexCache } from './index-cache.ts'
import type { SegmentRewrite, Splice } from './repair-plan.ts'
import { replaceFileSync } from './replace-file.ts'
import { scanSegment } from './scan.ts'
import { Segment } from './segment.ts'
import { writeIndexes } from './segment-indexes.ts'

/** Kafka's default for `index.interval.bytes`. A log with a smaller one makes its indexes anew at the next open. */
const indexIntervalBytes = 4096

const copyChunkBytes = 1024 * 1024

/**
 * Writes a segment anew with its splices, and its indexes. The original is in the quarantine by then.
 *
 * A crash before the rename leaves the segment as it was, less its indexes, which point into the old bytes and would
 * lead astray in the new ones; and perhaps a `.cleaned` file, which the next open removes. A crash after it leaves
 * the new segment. Either way the next open scans it, for its indexes are missing.
 */
export async function rewriteSegment(
  files: Files,
  directory: string,
  { baseOffset, splices }: SegmentRewrite,
): Promise<void> {
  const path = join(directory, segmentFileName(baseOffset, '.log'))
  const modifiedMs = files.statSync(path)?.modifiedMs ?? 0
  const temporary = join(directory, segmentFileName(baseOffset, '.log', 'cleaned'))
  const source = files.openSync(path, 'read')
  try {
    await writeNewFile(files, temporary, (target) => copySpliced(source, target, splices))
  } finally {
    source.closeSync()
  }
  // Retention looks at it where batches have no timestamps.
  files.setModifiedSync(temporary, modifiedMs)
  for (const kind of ['.index', '.timeindex'] as const)
    files.removeSync(join(directory, segmentFileName(baseOffset, kind)))
  await files.syncDirectory(directory)
  files.renameSync(temporary, path)
  await files.syncDirectory(directory)
}

/** Creates a segment. A crash leaves a `.cleaned` file, which the next open removes, or all of it. */
export async function createSegment(
  files: Files,
  directory: string,
  baseOffset: number,
  content: Buffer,
): Promise<void> {
  const temporary = join(directory, segmentFileName(baseOffset, '.log', 'cleaned'))
  await writeNewFile(files, temporary, async (target) => {
    await write(target, content, 0)
  })
  files.renameSync(temporary, join(directory, segmentFileName(baseOffset, '.log')))
  await files.syncDirectory(directory)
}

/** Makes the index files of a segment again from its batches, each replaced whole. */
export async function rebuildIndexFiles(
  files: Files,
  directory: string,
  { baseOffset, aborted }: Pick<SegmentRewrite, 'baseOffset' | 'aborted'>,
): Promise<void> {
  const segment = Segment.blank(storageOf(files, directory), baseOffset)
  const file = files.openSync(segment.path('.log'), 'read')
  try {
    const { kind } = await scanSegment(file, {
      start: 0,
      end: file.sizeSync(),
      onBatch: (batch) => {
        segment.add(batch)
        return undefined
      },
    })
    assert(kind === 'end', 'a repaired segment has nothing but good batches')
  } finally {
    file.closeSync()
  }
  for (const transaction of aborted) segment.addAborted(transaction)
  const indexes = segment.indexes()
  if (segment.maxTimestamp >= 0) indexes.times.append(segment.maxTimestamp, segment.offsetOfMaxTimestamp)
  writeIndexes(files, (kind) => segment.path(kind), indexes, replaceFileSync)
  await files.syncDirectory(directory)
}

function storageOf(files: Files, directory: string) {
  return {
    ...{ directory, files, indexIntervalBytes, indexBytesMax: 2 ** 31 - 1, readOnly: false, allowGaps: true },
    ...{ pool: new FilePool(files, 8), indexCache: new IndexCache(0), producersAt: () => undefined },
    cleanShutdown: new CleanShutdownMark(files, directory),
  }
}

async function writeNewFile(
  files: Files,
  path: string,
  fill: (target: File) => Promise<void>,
): Promise<void> {
  files.removeSync(path)
  const target = files.openSync(path, 'create')
  let isDone = false
  try {
    await fill(target)
    await target.sync()
    isDone = true
  } finally {
    target.closeSync()
    if (!isDone) files.removeSync(path)
  }
}

async function copySpliced(source: File, target: File, splices: readonly Splice[]): Promise<void> {
  let written = 0
  let position = 0
  for (const splice of splices) {
    written = await copy(source, position, splice.position, target, written)
    written = await write(target, splice.content, written)
    position = splice.endPosition
  }
  await copy(source, position, source.sizeSync(), target, written)
}

/** Copies the bytes `[start, end)` to `targetPosition`. Returns the position behind them. */
async function copy(
  source: File,
  start: number,
  end: number,
  target: File,
  targetPosition: number,
): Promise<number> {
  const chunk = Buffer.allocUnsafe(Math.min(copyChunkBytes, Math.max(end - start, 1)))
  let written = targetPosition
  for (let position = start; position < end; ) {
    const count = await source.read(chunk, 0, Math.min(chunk.length, end - position), position)
    assert(count > 0, 'nobody shortens a file that is being repaired')
    written = await write(target, chunk.subarray(0, count), written)
    position += count
  }
  return written
}

async function write(target: File, bytes: Buffer, position: number): Promise<number> {
  let at = 0
  while (at < bytes.length) at += await target.writev([bytes.subarray(at)], position + at)
  return position + at
}
