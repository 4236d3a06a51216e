import { resolve } from 'node:path'
import { nodeEnv } from '../env/node-env.ts'
import { operatingError } from './storage-error.ts'
import type { VerifyOptions, VerifyReport } from './verify-report.ts'
import { surveyDirectory } from './verify-survey.ts'

export type {
  FileProblem,
  FileVerdict,
  Verdict,
  VerifyOptions,
  VerifyProgress,
  VerifyReport,
} from './verify-report.ts'

/**
 * Reads everything in the directory of one log and checks it, file by file: every checksum, every record, offsets and
 * leader epochs from batch to batch, and every derived file against the log. Finds all damage, not only the first.
 * Changes nothing, and takes no lock: nobody should be writing to the log meanwhile.
 *
 * Memory is constant but for the producers, the indexes of one segment and the aborted transactions. Lets other work of
 * the event loop go on in between.
 *
 * @throws NotALogError when there is no log
 * @throws StorageError when the file system refuses
 * @throws the signal's reason when it aborts
 */
export async function verifyDirectory(directory: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { env = nodeEnv(), signal } = options
  const path = resolve(directory)
  signal?.throwIfAborted()
  const startedMs = env.clock.monotonicMs()
  try {
    const { findings, segments, startOffset, endOffset } = await surveyDirectory(env, path, options)
    const files = findings.toVerdicts()
    return {
      ...{
        directory: path,
        ok: files.every(({ verdict }) => verdict !== 'damaged'),
        files,
        startOffset,
        endOffset,
      },
      batches: segments.reduce((sum, each) => sum + each.batches, 0),
      records: segments.reduce((sum, each) => sum + each.records, 0),
      bytes: segments.reduce((sum, each) => sum + each.fileBytes, 0),
      durationMs: env.clock.monotonicMs() - startedMs,
    }
  } catch (error) {
    throw operatingError(`verifying ${path}`, error)
  }
}
