import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../src/batch/log-record.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { type Log, openLog } from '../../../src/log/log.ts'
import { temporaryDirectory } from '../../unit/env/temporary-directory.ts'
import { isRefused, type LoadAnswer } from '../recovery/load-answer.ts'
import { loadWithTidemark, openPartition } from '../recovery/load-with-tidemark.ts'
import { consoleText } from '../text/console-text.ts'
import { dumpText } from '../text/dump-text.ts'
import { readCommitted } from './read-committed.ts'
import type { Loaded, Recording, Stop } from './recording.ts'

/** What there is in every recording. */
const partitions = [
  ...['codecs', 'compacted', 'stamped', 'transactions', 'trimmed'].map((topic) => ['clean', topic] as const),
  ...['codecs', 'transactions'].map((topic) => ['killed', topic] as const),
]

/** Opens every directory of a recording, and holds what is read against what Kafka said. */
export function checkRecording(recording: () => Recording): void {
  describe.each(partitions)('after a stop that was %s: %s', (stop, topic) => {
    const options = { allowGaps: topic === 'compacted' }
    const text = (name: string) => recording().text(stop, `${topic}.${name}.txt`)

    test.each([
      ['with the checkpoints of the log directory', 'answer', {}],
      ['read-only', 'answer', { readOnly: true }],
      ['scanning all of it', 'rebuilt', { embedded: true }],
    ] as const)('the log is the one that Kafka loads, %s', async (_, which, how) => {
      const { known, [which]: answer } = loadedOf(recording(), stop, topic)
      const directory = copyOf(recording(), stop, topic)
      const told = await loadWithTidemark({ ...known, directory }, { ...options, ...how })
      expect(told).toEqual(topic === 'trimmed' ? withFirstLookup(answer) : answer)
    })

    test('every record is the one that Kafka consumes, and reading changes nothing', async () => {
      const directory = copyOf(recording(), stop, topic)
      const before = contentOf(directory)
      await using log = await openLog(directory, { ...options, readOnly: true })
      const records = await recordsOf(log, loadedOf(recording(), stop, topic).known.startOffset)
      expect(records.length).toBeGreaterThan(50)
      expect(consoleText(records)).toBe(text('read_uncommitted'))
      expect(contentOf(directory)).toEqual(before)
    })

    if (topic === 'transactions') checkCommitted(recording, stop)

    test('the log can be taken over', async () => {
      const directory = copyOf(recording(), stop, topic)
      const { startOffset } = loadedOf(recording(), stop, topic).known
      const { endOffset } = await takeOver(directory, { ...options, startOffset })
      await using log = await openLog(directory, options)
      expect(log.recovery).toMatchObject({ cleanStop: true, cut: undefined, lost: undefined })
      expect(log.endOffset).toBe(endOffset + 1)
      const records = await recordsOf(log, startOffset)
      expect(consoleText(records.slice(0, -1))).toBe(text('read_uncommitted'))
      expect(records.at(-1)).toMatchObject({ offset: endOffset, timestamp: 1_800_000_000_000 })
      expect(await log.verify()).toMatchObject({ ok: true })
    })
  })

  test.each(['codecs', 'compacted', 'stamped'])('every file of %s reads as in Kafka', (topic) => {
    const directory = recording().path('clean', `${topic}-0`)
    const names = readdirSync(directory).filter((name) => /^\d{20}\.[a-z]+$/.test(name))
    const told = dumpText(directory, names.toSorted()).replaceAll(`${directory}/`, '')
    expect(told).toBe(recording().text('clean', `${topic}.dump.txt`))
  })

  test('the recording holds what it is for', () => {
    const codecs = recording().text('clean', 'codecs.dump.txt')
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
      expect(codecs).toMatch(new RegExp(`count: ([2-9]|\\d\\d) .*compresscodec: ${codec} `))
    const compacted = recording().text('clean', 'compacted.dump.txt')
    expect(compacted).toMatch(/count: 0 /)
    expect(compacted).toMatch(/deleteHorizonMs: OptionalLong\[/)
    expect(compacted).toMatch(/keySize: \d+ valueSize: -1/)
    const killed = loadedOf(recording(), 'killed', 'transactions').answer
    expect('epochs' in killed && killed.epochs.length).toBe(4)
    expect('epochs' in killed && killed.stableOffset < killed.endOffset).toBe(true)
    expect(loadedOf(recording(), 'clean', 'trimmed').known.startOffset).toBe(40)
  })
}

function checkCommitted(recording: () => Recording, stop: Stop): void {
  test('what is committed is what Kafka says is committed', async () => {
    const { known } = loadedOf(recording(), stop, 'transactions')
    const directory = copyOf(recording(), stop, 'transactions')
    const pool = new FilePool(nodeEnv().files, 64)
    const log = await openPartition({ ...known, directory }, pool, { readOnly: true })
    const committed = recording().text(stop, 'transactions.read_committed.txt')
    expect(consoleText(readCommitted(log))).toBe(committed)
    expect(committed).not.toBe(recording().text(stop, 'transactions.read_uncommitted.txt'))
    pool.dropDirectory(directory)
  })
}

function loadedOf(recording: Recording, stop: Stop, topic: string): Loaded {
  const loaded = recording.loaded(stop).find((each) => each.topic === topic)
  if (loaded === undefined) throw new Error(`nothing is recorded of ${topic}`)
  return loaded
}

/** A copy of a partition's directory that may be changed. */
function copyOf(recording: Recording, stop: Stop, topic: string): string {
  const directory = join(temporaryDirectory(), `${topic}-0`)
  cpSync(recording.path(stop, `${topic}-0`), directory, { recursive: true })
  return directory
}

/**
 * Where a log was trimmed, Kafka looks for a timestamp in the first segment that reaches it; when that lies before the
 * start of the log it finds nothing, and does not look further. Ours answers with the first record that has it.
 */
function withFirstLookup(answer: LoadAnswer): LoadAnswer {
  if (isRefused(answer) || answer.lookups[0] !== 'none') return answer
  const first: string = expect.stringMatching(`@${answer.startOffset}$`)
  return { ...answer, lookups: [first, ...answer.lookups.slice(1)] }
}

/**
 * Opens the log as a writer, appends a record, and closes it. That the log begins with `startOffset` stands in the
 * directory above, which an embedded log does not know.
 */
async function takeOver(
  directory: string,
  { startOffset, ...options }: { allowGaps: boolean; startOffset: number },
): Promise<{ endOffset: number }> {
  await using log = await openLog(directory, { ...options, timestampAfterMaxMs: -1 })
  await log.trim(startOffset)
  expect(log.recovery).toMatchObject({ cut: undefined, lost: undefined })
  const { endOffset } = log
  await log.append({ key: 'of ours', value: 'taken over', timestamp: 1_800_000_000_000 })
  return { endOffset }
}

async function recordsOf(log: Log, from: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const record of log.read({ from })) records.push(record)
  return records
}

/** Names, sizes and bytes of what is in a directory. */
function contentOf(directory: string): Record<string, string> {
  const names = readdirSync(directory).filter((name) => statSync(join(directory, name)).isFile())
  return Object.fromEntries(
    names.map((name) => [basename(name), readFileSync(join(directory, name)).toString('base64')]),
  )
}
