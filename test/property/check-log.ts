import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Env } from '../../src/env/env.ts'
import { leaderEpochCheckpointFile } from '../../src/log/file-names.ts'
import { LeaderEpochs } from '../../src/log/leader-epochs.ts'
import type { Log } from '../../src/log/log.ts'
import { parseSegmentFileName } from '../../src/log/file-names.ts'
import { readWhole } from '../../src/log/replace-file.ts'
import { TransactionIndex } from '../../src/log/transaction-index.ts'
import type { ReadKind } from './log-operation.ts'
import type { ModelLog } from './model-log.ts'
import { modelOf } from './submit-batch.ts'

/** A read, and where it begins and ends. */
export interface CheckedRead {
  readonly how: ReadKind
  readonly from: number
  readonly to: number
  readonly maxBytes: number
}

/** Reads in the way that is asked for, and compares what comes with the model. */
export async function checkReads(
  log: Log,
  model: ModelLog,
  { how, from, to, maxBytes }: CheckedRead,
): Promise<void> {
  if (how === 'records') {
    const read = []
    for await (const record of log.read({ from, to, maxBytes })) read.push(modelOf(record))
    assert.deepEqual(read, model.records(from, to))
  } else if (how === 'batches') {
    const read = []
    for await (const { baseOffset, nextOffset } of log.readBatches({ from, to, maxBytes }))
      read.push({ baseOffset, nextOffset })
    const due = model.batches.filter((batch) => batch.nextOffset > from && batch.baseOffset < to && from < to)
    assert.deepEqual(
      read,
      due.map(({ baseOffset, nextOffset }) => ({ baseOffset, nextOffset })),
    )
  } else if (how === 'get') {
    const record = log.get(from)
    assert.deepEqual(record && modelOf(record), model.records(from)[0])
  } else {
    const sought = model.records(from)[0]?.timestamp ?? from
    const due = model.records().find(({ timestamp }) => timestamp >= sought)
    assert.deepEqual(log.offsetForTimestamp(sought), due && { offset: due.offset, timestamp: due.timestamp })
  }
}

/** Compares what the files of a closed log say of transactions and epochs with the model. */
export function checkSideFiles(directory: string, { files }: Env, model: ModelLog): void {
  const found = []
  for (const name of files.listSync(directory).toSorted()) {
    const parsed = parseSegmentFileName(name)
    if (parsed?.kind !== '.txnindex' || parsed.state !== 'current') continue
    const index = TransactionIndex.decode(
      readWhole(files, join(directory, name), 1e6) ?? Buffer.alloc(0),
    ).value
    assert.ok(index, `${name} can be read`)
    for (let at = 0; at < index.entryCount; at++) found.push(index.entry(at))
  }
  const seen = ({ lastOffset }: { readonly lastOffset: number }) => lastOffset >= model.startOffset
  assert.deepEqual(found.filter(seen), model.aborted().filter(seen))
  const epochs = LeaderEpochs.decode(
    String(readWhole(files, join(directory, leaderEpochCheckpointFile), 1e6)),
  ).value
  assert.equal(epochs?.latestEpoch, 0)
  assert.equal(epochs.epochFor(model.startOffset), 0)
}
