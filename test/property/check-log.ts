import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Env } from '../../src/env/env.ts'
import { leaderEpochCheckpointFile } from '../../src/log/file-names.ts'
import { LeaderEpochs } from '../../src/log/leader-epochs.ts'
import type { Log } from '../../src/log/log.ts'
import { parseSegmentFileName } from '../../src/log/file-names.ts'
import { readWhole } from '../../src/log/replace-file.ts'
import { type AbortedTransaction, TransactionIndex } from '../../src/log/transaction-index.ts'
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

/** Compares what the files of a closed log say of transactions and epochs with the model, all of it of epoch 0. */
export function checkSideFiles(directory: string, env: Env, model: ModelLog): void {
  checkTransactionIndexes(directory, env, model)
  const epochs = epochsIn(directory, env)
  assert.equal(epochs.latestEpoch, 0)
  assert.equal(epochs.epochFor(model.startOffset), 0)
}

/** Compares the transaction indexes of a closed log with the model. */
function checkTransactionIndexes(directory: string, env: Env, model: ModelLog): void {
  const seen = ({ lastOffset }: { readonly lastOffset: number }) => lastOffset >= model.startOffset
  assert.deepEqual(abortedIn(directory, env).filter(seen), model.aborted().filter(seen))
}

/** What the transaction indexes of a log say. */
export function abortedIn(directory: string, { files }: Env): AbortedTransaction[] {
  const found = []
  for (const name of files.listSync(directory).toSorted()) {
    const parsed = parseSegmentFileName(name)
    if (parsed?.kind !== '.txnindex' || parsed.state !== 'current') continue
    const bytes = readWhole(files, join(directory, name), 1e6) ?? Buffer.alloc(0)
    const index = TransactionIndex.decode(bytes).value
    assert.ok(index, `${name} can be read`)
    for (let at = 0; at < index.entryCount; at++) found.push(index.entry(at))
  }
  return found
}

/** What the checkpoint of a log says of its epochs. */
export function epochsIn(directory: string, { files }: Env): LeaderEpochs {
  const text = String(readWhole(files, join(directory, leaderEpochCheckpointFile), 1e6))
  const { value } = LeaderEpochs.decode(text)
  assert.ok(value, `${leaderEpochCheckpointFile} can be read`)
  return value
}
