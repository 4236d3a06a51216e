import type { Clock } from '../../env/env.ts'
import { partitionName } from '../admin/partition-map.ts'
import type { ConsumedBatch } from '../consumer/consumed-record.ts'
import type { Consumer, PartitionOffset } from '../consumer/consumer.ts'

/** How a consumer is read. */
export interface ReadOptions {
  readonly clock: Clock
  /** Where to end: what is at these offsets or behind is not handed out. Undefined: never. */
  readonly ends: readonly PartitionOffset[] | undefined
  readonly signal?: AbortSignal | undefined
}

const tickMs = 50

/**
 * What `consumer` reads of its partitions, until it has come to the end of each. Offsets without records, such as those of
 * transaction markers, bring nothing that one could wait for: now and then it yields undefined, and looks where the consumer is.
 *
 * @throws what the consumer throws, and the signal's reason
 */
export async function* readUpTo(
  consumer: Consumer,
  { clock, ends, signal }: ReadOptions,
): AsyncGenerator<ConsumedBatch | undefined, void, undefined> {
  const left = new Map(ends?.map((end) => [partitionName(end), end]))
  const batches = consumer.batches(signal === undefined ? {} : { signal })
  let next: Promise<IteratorResult<ConsumedBatch>> | undefined
  let tick: Promise<undefined> | undefined
  try {
    while (ends === undefined || left.size > 0) {
      next ??= batches.next()
      tick ??= clock.sleep(tickMs).then(() => undefined)
      const result = await Promise.race([next, tick])
      if (result === undefined) {
        tick = undefined
        for (const end of left.values()) if (consumer.lag(end) === 0) leave(consumer, left, end)
        yield undefined
        continue
      }
      next = undefined
      if (result.done === true) return
      yield* upToEnd(consumer, left, result.value, ends !== undefined)
    }
  } finally {
    next?.catch(() => undefined)
    await batches.return?.()
  }
}

/** Of a batch what lies before the end of its partition. */
function* upToEnd(
  consumer: Consumer,
  left: Map<string, PartitionOffset>,
  batch: ConsumedBatch,
  isBounded: boolean,
): Generator<ConsumedBatch> {
  const end = left.get(partitionName(batch))
  if (end !== undefined && batch.lastOffset + 1 >= end.offset) leave(consumer, left, end)
  if (!isBounded) return yield batch
  const records = batch.records.filter(({ offset }) => offset < (end?.offset ?? 0))
  const lastOffset = records.at(-1)?.offset
  if (lastOffset !== undefined) yield { ...batch, records, lastOffset }
}

function leave(consumer: Consumer, left: Map<string, PartitionOffset>, end: PartitionOffset): void {
  left.delete(partitionName(end))
  consumer.pause([end])
}
