import { type Log, openLog, TidemarkError } from '../../src/log/public.ts'
import type { Finding } from './finding.ts'
import { type Identity, identify } from './records.ts'
import type { LogTask } from './writer-task.ts'

/** What a log holds, read from its beginning to its end. */
export interface Survivors {
  readonly startOffset: number
  readonly endOffset: number
  /** In the order of reading; without an identity where the writer never made such a record. */
  readonly records: readonly { readonly offset: number; readonly identity: Identity | undefined }[]
}

/**
 * Opens the log in `directory`, which recovers it, reads all that writers of `seed` left, verifies it, closes it, and
 * opens it once more, which must find nothing to do. Adds what is wrong with the log by itself to `findings`;
 * undefined when it does not even open.
 */
export async function readSurvivors(
  directory: string,
  seed: number,
  options: LogTask,
  findings: Finding[],
): Promise<Survivors | undefined> {
  try {
    const log = await openLog(directory, options)
    const survivors = await readAndClose(log, seed, findings)
    await openAgain(directory, options, survivors, findings)
    return survivors
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    findings.push({ kind: 'refused', detail: `${error.name}: ${error.message}` })
    return undefined
  }
}

async function readAndClose(log: Log, seed: number, findings: Finding[]): Promise<Survivors> {
  try {
    const { lost } = log.recovery
    if (lost !== undefined)
      findings.push({
        kind: 'lost',
        detail: `recovery misses durable offsets ${lost.fromOffset}-${lost.toOffset - 1}`,
      })
    const survivors = await readAll(log, seed)
    const report = await log.verify()
    for (const { file, verdict, problems } of report.files)
      if (verdict === 'damaged')
        findings.push({
          kind: 'damaged',
          detail: `${file}: ${problems.map(({ reason }) => reason).join('; ')}`,
        })
    return survivors
  } finally {
    await log.close()
  }
}

/** All records of an open log. */
export async function readAll(log: Log, seed: number): Promise<Survivors> {
  const { startOffset, endOffset } = log
  const records = []
  for await (const record of log.read({ to: endOffset }))
    records.push({ offset: record.offset, identity: identify(record, seed) })
  return { startOffset, endOffset, records }
}

async function openAgain(
  directory: string,
  options: LogTask,
  { startOffset, endOffset }: Survivors,
  findings: Finding[],
): Promise<void> {
  await using log = await openLog(directory, options)
  const { cleanStop, distrusted } = log.recovery
  if (!cleanStop)
    findings.push({
      kind: 'damaged',
      detail: `the clean stop is not believed: ${distrusted ?? 'no sidecar'}`,
    })
  if (log.startOffset !== startOffset || log.endOffset !== endOffset)
    findings.push({ kind: 'damaged', detail: 'the second opening finds another log than the first' })
}
