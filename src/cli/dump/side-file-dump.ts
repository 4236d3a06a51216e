import { uuidToBase64Url } from '../../../native-free/uuid.ts'
import { decodeOffsetCheckpoints } from '../../log/checkpoint-file.ts'
import type { Decoded } from '../../log/decoded.ts'
import {
  cleanerOffsetCheckpointFile,
  leaderEpochCheckpointFile,
  logStartOffsetCheckpointFile,
  parseSegmentFileName,
  partitionMetadataFile,
  recoveryPointCheckpointFile,
  replicationOffsetCheckpointFile,
  type SegmentFileKind,
} from '../../log/file-names.ts'
import { LeaderEpochs } from '../../log/leader-epochs.ts'
import { OffsetIndex } from '../../log/offset-index.ts'
import { decodePartitionMetadata } from '../../log/partition-metadata.ts'
import { decodeProducerSnapshot } from '../../log/producer-snapshot.ts'
import type { ProducerEntry } from '../../log/producer-table.ts'
import { TimeIndex } from '../../log/time-index.ts'
import { TransactionIndex } from '../../log/transaction-index.ts'
import type { DumpRow, DumpValue } from './dump-row.ts'

type Entry = Readonly<Record<string, DumpValue>>

/** Decodes a whole file into the fields of its entries. */
type SideFileDecoder = (bytes: Buffer, baseOffset: number) => Decoded<readonly Entry[]>

const offsetCheckpoint: SideFileDecoder = (bytes) =>
  mapEntries(decodeOffsetCheckpoints(bytes.toString()), (entries) => entries.map((entry) => ({ ...entry })))

const decodersByKind: Readonly<Record<Exclude<SegmentFileKind, '.log'>, SideFileDecoder>> = {
  '.index': (bytes, baseOffset) =>
    mapEntries(OffsetIndex.decode(baseOffset, bytes), (index) =>
      entriesOf(index, ({ offset, position }) => ({ offset, position })),
    ),
  '.timeindex': (bytes, baseOffset) =>
    mapEntries(TimeIndex.decode(baseOffset, bytes), (index) =>
      entriesOf(index, ({ timestamp, offset }) => ({ timestamp, offset })),
    ),
  '.txnindex': (bytes) =>
    mapEntries(TransactionIndex.decode(bytes), (index) =>
      entriesOf(index, (entry) => ({ version: 0, ...entry })),
    ),
  '.snapshot': (bytes) =>
    mapEntries(decodeProducerSnapshot(bytes), (producers) => producers.map(producerFields)),
}

const decodersByName: Readonly<Record<string, SideFileDecoder>> = {
  [leaderEpochCheckpointFile]: (bytes) =>
    mapEntries(LeaderEpochs.decode(bytes.toString()), ({ entries }) =>
      entries.map((entry) => ({ ...entry })),
    ),
  [partitionMetadataFile]: (bytes) =>
    mapEntries(decodePartitionMetadata(bytes.toString()), (topicId) => [
      { version: 0, topicId: uuidToBase64Url(topicId) },
    ]),
  [recoveryPointCheckpointFile]: offsetCheckpoint,
  [logStartOffsetCheckpointFile]: offsetCheckpoint,
  [replicationOffsetCheckpointFile]: offsetCheckpoint,
  [cleanerOffsetCheckpointFile]: offsetCheckpoint,
}

/** How the file called `name` is decoded: an index, a snapshot or a checkpoint. Undefined for any other. */
export function sideFileDecoder(name: string): ((bytes: Buffer) => Generator<DumpRow>) | undefined {
  const parsed = parseSegmentFileName(name)
  const decode =
    parsed === undefined || parsed.kind === '.log' ? decodersByName[name] : decodersByKind[parsed.kind]
  return decode && ((bytes) => rowsOf(decode(bytes, parsed?.baseOffset ?? 0)))
}

function* rowsOf({ value = [], fault }: Decoded<readonly Entry[]>): Generator<DumpRow> {
  if (fault !== undefined) yield { kind: 'problem', fields: { reason: fault } }
  for (const fields of value) yield { kind: 'entry', fields }
}

function mapEntries<T>(decoded: Decoded<T>, map: (value: T) => readonly Entry[]): Decoded<readonly Entry[]> {
  return decoded.fault === undefined ? { value: map(decoded.value) } : decoded
}

function entriesOf<T>(
  index: { readonly entryCount: number; entry(index: number): T },
  fieldsOf: (entry: T) => Entry,
): Entry[] {
  return Array.from({ length: index.entryCount }, (_, at) => fieldsOf(index.entry(at)))
}

/** A producer and its last batch, if it has one. */
function producerFields(entry: ProducerEntry): Entry {
  const { producerId, producerEpoch, coordinatorEpoch, currentTransactionFirstOffset, lastTimestamp } = entry
  const last = entry.batches.at(-1)
  return {
    producerId,
    producerEpoch,
    coordinatorEpoch,
    currentTxnFirstOffset: currentTransactionFirstOffset < 0 ? null : currentTransactionFirstOffset,
    lastTimestamp,
    ...(last && {
      firstSequence: last.firstSequence,
      lastSequence: last.lastSequence,
      lastOffset: last.lastOffset,
      offsetDelta: last.lastOffset - last.firstOffset,
      timestamp: last.timestamp,
    }),
  }
}
