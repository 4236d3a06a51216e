import type { Decoded } from './decoded.ts'
import type { TopicPartition } from './file-names.ts'

/*
 * Kafka's text checkpoints (CheckpointFile): UTF-8; a line with the version, 0; a line with the number of entries;
 * then an entry per line. Every line, the last one too, ends in a newline. An empty file has no entries.
 */
const version = '0'

/** The text of a checkpoint file with one entry per line. */
export function encodeCheckpoint(lines: readonly string[]): string {
  return [version, lines.length, ...lines].join('\n') + '\n'
}

/** The entries of a checkpoint file, unparsed, or what is wrong with its frame. */
export function decodeCheckpoint(text: string): Decoded<string[]> {
  if (text === '') return { value: [] }
  // Without this a number that was cut, 13 left of 1356, would pass for whole.
  if (!text.endsWith('\n')) return { fault: 'its last line has no newline: the file was cut' }
  const [foundVersion, count, ...lines] = text.split(/\r?\n/).slice(0, -1)
  if (foundVersion?.trim() !== version)
    return { fault: `its version is '${foundVersion}', known is only ${version}` }
  if (count?.trim() !== String(lines.length)) {
    return { fault: `it announces '${count ?? ''}' entries and holds ${lines.length}` }
  }
  return { value: lines }
}

/**
 * The entries of a checkpoint file, each read by `parse`; `shape` says in the fault what a line should have been.
 */
export function decodeCheckpointEntries<T>(
  text: string,
  shape: string,
  parse: (line: string) => T | undefined,
): Decoded<T[]> {
  const lines = decodeCheckpoint(text)
  if (lines.fault !== undefined) return lines
  const entries: T[] = []
  for (const line of lines.value) {
    const entry = parse(line)
    if (entry === undefined) return { fault: `the line '${line}' is not '${shape}'` }
    entries.push(entry)
  }
  return { value: entries }
}

/** An entry of the checkpoints of a log directory (Kafka's OffsetCheckpointFile). */
export interface OffsetCheckpoint extends TopicPartition {
  readonly offset: number
}

/** The text of a recovery-point, replication, log-start or cleaner offset checkpoint. */
export function encodeOffsetCheckpoints(entries: readonly OffsetCheckpoint[]): string {
  return encodeCheckpoint(entries.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`))
}

/** Reads what {@link encodeOffsetCheckpoints} and Kafka write. */
export function decodeOffsetCheckpoints(text: string): Decoded<OffsetCheckpoint[]> {
  return decodeCheckpointEntries(text, 'topic partition offset', parseOffsetCheckpoint)
}

function parseOffsetCheckpoint(line: string): OffsetCheckpoint | undefined {
  const [, topic, partition, offset] = /^\s*(\S+)\s+(\d+)\s+(\d+)\s*$/.exec(line) ?? []
  if (topic === undefined) return undefined
  const entry = { topic, partition: Number(partition), offset: Number(offset) }
  return Number.isSafeInteger(entry.partition) && Number.isSafeInteger(entry.offset) ? entry : undefined
}
