import { join } from 'node:path'
import type { Files } from '../env/env.ts'
import { segmentFileName } from './file-names.ts'
import { readWhole } from './replace-file.ts'
import { type AbortedTransaction, TransactionIndex } from './transaction-index.ts'
import { counted, type Findings } from './verify-findings.ts'
import type { ReplayedAbort } from './verify-producers.ts'

/** The transaction index of a segment, and what it is held against. */
export interface TransactionDuty {
  readonly baseOffset: number
  readonly nextOffset: number
  /** The transactions whose ABORT markers the segment holds, as the replay of the log has them. */
  readonly replayed: readonly ReplayedAbort[]
  /** The replay knows all that happened; else the index may know more. */
  readonly isExact: boolean
  /** The file is used as it is; else the next open makes it anew. */
  readonly isUsed: boolean
}

/**
 * Holds the transaction index of a segment against the replay of the log. Without the file, data of aborted
 * transactions would be taken for committed. Returns the entries that the index should have.
 */
export function checkTransactions(
  files: Files,
  directory: string,
  findings: Findings,
  duty: TransactionDuty,
): readonly AbortedTransaction[] {
  const { replayed, isUsed } = duty
  const name = segmentFileName(duty.baseOffset, '.txnindex')
  const bytes = readWhole(files, join(directory, name), 2 ** 31 - 1)
  const { value, fault } =
    bytes === undefined ? { value: new TransactionIndex() } : TransactionIndex.decode(bytes)
  const certain = replayed.filter(({ isCertain }) => isCertain)
  if (bytes === undefined && (!isUsed || certain.length === 0)) return replayed
  const finding = findings.of(name)
  if (bytes === undefined) {
    finding.damage(
      -1,
      `the file is missing, but the segment holds the markers of ${counted(certain.length, 'aborted transaction')}`,
    )
    return replayed
  }
  if (fault !== undefined) {
    finding.fault(!isUsed, -1, fault)
    return replayed
  }
  const entries = Array.from({ length: value.entryCount }, (_, index) => value.entry(index))
  finding.note(counted(entries.length, 'aborted transaction'))
  const difference = differenceOf(entries, duty)
  if (difference !== undefined) finding.fault(!isUsed, difference.index * 34, difference.reason)
  return duty.isExact ? replayed : union(entries, duty)
}

function differenceOf(
  entries: readonly AbortedTransaction[],
  { replayed, isExact, baseOffset, nextOffset }: TransactionDuty,
): { index: number; reason: string } | undefined {
  for (const [index, entry] of entries.entries()) {
    const known = replayed.find((each) => each.lastOffset === entry.lastOffset)
    if (entry.lastOffset < baseOffset || entry.lastOffset >= nextOffset)
      return { index, reason: `entry ${index}: its marker ${entry.lastOffset} is not in the segment` }
    if (isExact && (known === undefined || !isSame(entry, known)))
      return { index, reason: `entry ${index}: the log has no such aborted transaction` }
  }
  const lasts = new Set(entries.map((entry) => entry.lastOffset))
  const lacking = replayed.find((each) => each.isCertain && !lasts.has(each.lastOffset))
  return (
    lacking && {
      index: entries.length,
      reason: `it lacks the transaction aborted at offset ${lacking.lastOffset}`,
    }
  )
}

function isSame(one: AbortedTransaction, other: AbortedTransaction): boolean {
  return (
    one.producerId === other.producerId &&
    one.firstOffset === other.firstOffset &&
    one.lastStableOffset === other.lastStableOffset
  )
}

/** The index knows of transactions that begin in what is lost; the replay of those that the index has lost. */
function union(
  entries: readonly AbortedTransaction[],
  { replayed, baseOffset, nextOffset }: TransactionDuty,
): AbortedTransaction[] {
  const known = new Set(entries.map((entry) => entry.lastOffset))
  return [...entries, ...replayed.filter(({ lastOffset }) => !known.has(lastOffset))]
    .filter(({ lastOffset }) => lastOffset >= baseOffset && lastOffset < nextOffset)
    .toSorted((one, other) => one.lastOffset - other.lastOffset)
}
